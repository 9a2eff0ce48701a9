"""How fast nnlib is beside its peers: `make bench`, or `python -m benchmarks --quick`. See README.md."""
