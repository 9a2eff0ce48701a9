"""`python -m nnlib`: the command, where its own name is not on the path."""

import sys

from nnlib.command import main

sys.exit(main())
