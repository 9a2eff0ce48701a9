"""results.json as tables, as a figure, and as a line for each target."""

import itertools
import json
import operator
import statistics
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
MARKERS = "<!-- bench -->", "<!-- /bench -->"
FLOOR = "matrix products alone"
INLINED = "one function of NumPy"
CLASSIC = "classic loop, SGD, float64"


def store(results, folder=FOLDER):
    """Write results.json, the figure, and the tables between the markers of both README.md."""
    (folder / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    for path, text in documents(results, folder).items():
        path.write_text(between_markers(path.read_text("utf-8"), text), "utf-8")
    figure(results).savefig(folder / "epoch.png", dpi=120)


def documents(results, folder=FOLDER):
    """Return for each README.md the text that belongs between its markers."""
    return {folder / "README.md": details(results), folder.parent / "README.md": summary(results)}


def between_markers(document, text):
    """Return `document` with `text` between its markers; one without markers stays as it is."""
    start, end = MARKERS
    if start not in document:
        return document
    before, _, rest = document.partition(start)
    return f"{before}{start}\n{text}\n{end}{rest.partition(end)[2]}"


# Numbers


def epoch(results, name, batch_size=64, threads=1):
    """Return the median seconds of an epoch, None where there is none."""
    values = results["epoch"][str(threads)].get(name, {}).get(str(batch_size))
    return statistics.median(values) if values else None


def reached(results, name, goal):
    """Return the median seconds to a test accuracy, None where half of the runs or more did not get there."""
    seconds = [run["reached"][goal] for run in results["race"].get(name, [])]
    ordered = sorted(seconds, key=lambda one: float("inf") if one is None else one)
    return ordered[len(ordered) // 2] if ordered else None


def targets(results):
    """Return (what, the ratio, the sign and the bound) for each target; a peer left out has no ratio.

    Lines without sign and bound are there to be compared with.
    """
    nnlib = epoch(results, "nnlib")
    memory, panel, imports = results["memory"], results["panel"], results["import"]

    def times_nnlib(name):
        seconds = epoch(results, name)
        return seconds and seconds / nnlib

    def quotient(name, other):
        return epoch(results, name) / epoch(results, other)

    inlined, inlined_sgd = quotient(INLINED, FLOOR), quotient(f"{INLINED}, SGD", FLOOR)
    over_inlined_sgd = quotient("nnlib, SGD", f"{INLINED}, SGD")
    memory_share = memory["peak_bytes"] / memory["allowed_bytes"]
    per_sample = memory["bytes_per_sample"]
    classic = epoch(results, CLASSIC, 1) / epoch(results, "nnlib, SGD", 1)
    busy = statistics.median(results["busy"]["nnlib"]) / nnlib
    wide = results["wide"]["1"] / results["wide"]["2"]
    imports = imports["nnlib_seconds"] / imports["numpy_seconds"]
    tape = results["tape"]
    convolution = results["convolution"]["seconds"]

    def over_convolution(name):
        return convolution["nnlib"] / convolution[name] if name in convolution else None

    return [
        ("an epoch with SGD / SGD in one function of NumPy", over_inlined_sgd, "≤", 1.12),
        ("an epoch with Adam / Adam in one function of NumPy", quotient("nnlib", INLINED), "≤", 1.05),
        ("an epoch with Adam / the matrix products", quotient("nnlib", FLOOR), "≤", 1.9),
        ("an epoch with SGD / the matrix products", quotient("nnlib, SGD", FLOOR), "≤", 1.5),
        ("Adam in one function of NumPy / the matrix products", inlined, None, None),
        ("SGD in one function of NumPy / the matrix products", inlined_sgd, None, None),
        ("PyTorch, default Adam / nnlib", times_nnlib("PyTorch"), "≥", 1.5),
        ("scikit-learn / nnlib", times_nnlib("scikit-learn"), "≥", 1.5),
        ("PyTorch, fused Adam / nnlib", times_nnlib("PyTorch, fused Adam"), "≥", 1),
        ("JAX, jitted step / nnlib", times_nnlib("JAX, jitted step"), "≥", 1),
        ("classic loop / nnlib with SGD, one sample at a time", classic, "≥", 1.3),
        ("memory beyond the data / (6 × parameters + 2 batches of activations)", memory_share, "≤", 1),
        ("bytes that one more sample adds; its place in the order takes 8", per_sample, "≤", 8),
        ("an epoch with two threads and a core that is busy / with one thread", busy, "≤", 2),
        ("a step of three 1024 × 1024 layers, batch 256: one thread / two", wide, "≥", 1.3),
        ("share of its time that a panel's training waits for pictures", panel["drawing_share"], "≤", 0.1),
        ("import of nnlib / of NumPy alone", imports, "≤", 1.3),
        ("a step on the tape / by layers, the loss fused", tape["tape"] / tape["layers"], "≤", 1.15),
        ("a step on the tape / by layers, the loss composed", tape["composed"] / tape["layers"], "≤", 1.3),
        ("two blocks of convolution: nnlib / PyTorch", over_convolution("PyTorch"), "≤", 1.1),
        (
            "two blocks of convolution: nnlib / PyTorch, channels last",
            over_convolution("PyTorch, channels last"),
            "≤",
            1.6,
        ),
    ]


# Text


def table(head, rows):
    """Return a Markdown table; None becomes a dash."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    texts = [["–" if cell is None else cell for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(text)} |" for text in texts)


def seconds(value):
    """Return seconds with three digits, in the unit that suits."""
    if value is None:
        return None
    if value >= 100:
        return f"{value:.0f} s"
    unit, factor = ("s", 1) if value >= 1 else ("ms", 1e3) if value >= 1e-3 else ("µs", 1e6)
    return f"{value * factor:#.3g}".rstrip(".") + f" {unit}"


def machine(results):
    one = results["machine"]
    blas = ", ".join(
        f"{library['internal_api']} {library['version']} ({library['architecture']} kernels)"
        for library in one["blas"]
    )
    versions = ", ".join(f"{name} {version}" for name, version in one["versions"].items())
    memory = f", {one['memory_gigabytes']} GB" if one["memory_gigabytes"] else ""
    text = f"{one['processor']}, {one['cores']} cores{memory}; {one['system']}, Python {one['python']}"
    text += f", {versions}; BLAS of NumPy: {blas}."
    if results["left_out"]:
        text += f" Not installed, so left out: {', '.join(results['left_out'])}."
    return text


def summary(results):
    """Return the short table of the project's README."""
    rows = []
    for name in by_speed(results):
        rows.append(
            [
                f"**{name}**" if name == "nnlib" else name,
                seconds(epoch(results, name)),
                f"{epoch(results, name) / epoch(results, FLOOR):.1f}",
                seconds(epoch(results, name, threads=2)),
                seconds(reached(results, name, "0.98")),
                seconds(results["predict"]["1"].get(name, {}).get("1")),
            ]
        )
    head = ["", "an epoch, 1 thread", "× floor", "2 threads", "to 98 %", "one image"]
    return "\n\n".join([table(head, rows), _targets(results), machine(results)])


def by_speed(results):
    """Return the names of those with Adam, the fastest epoch first."""
    names = [name for name in results["predict"]["1"] if epoch(results, name)]
    return sorted(names, key=lambda name: epoch(results, name))


def details(results):
    """Return all tables, for the README.md of this folder."""
    parts = [machine(results)]
    parts += ["## Targets", _targets(results)]
    sizes = list(results["settings"]["samples"])
    names = list(results["epoch"]["1"])
    for threads, text in ((1, "One BLAS thread, one core"), (2, "Two BLAS threads, two cores")):
        head = [f"{text}: batch size", *sizes]
        rows = [[name, *(seconds(epoch(results, name, size, threads)) for size in sizes)] for name in names]
        parts += [f"## An epoch of 60 000 images, {threads} thread{'s'[: threads - 1]}", table(head, rows)]
    part = [f"batch {size} on {n}" for size, n in results["settings"]["samples"].items() if n < 60_000]
    if part:
        parts += [f"Scaled up to 60 000 images: {', '.join(part)}."]
    busy = [[name, seconds(statistics.median(values))] for name, values in results["busy"].items()]
    parts += ["## Two BLAS threads while another program keeps one of the two cores busy, batch size 64"]
    parts += [table(["", "an epoch"], busy)]
    parts += ["## To 97 % and 98 % of the test images, one thread", _race(results)]
    rows = [
        [name, *(seconds(results["predict"][threads][name][n]) for threads in "12" for n in ("1", "10000"))]
        for name in results["predict"]["1"]
    ]
    head = ["", "one image", "10 000", "one image, 2 threads", "10 000, 2 threads"]
    parts += ["## Prediction", table(head, rows)]
    parts += ["## Two blocks of convolution, ReLU and pooling, batch size 64", _convolution(results)]
    steps = [[name, seconds(value)] for name, value in results["tape"].items()]
    parts += [
        "## A step of the network by its layers, and on the tape, batch size 64",
        table(["", "a step"], steps),
    ]
    parts += ["## Memory", _memory(results)]
    parts += ["## Growth of nnlib's time", _growth(results)]
    parts += ["## XOR, 2-3-1, tanh, MSE, float64", _xor(results)]
    parts += ["## A panel that trains", _panel(results)]
    return "\n\n".join(parts)


def _targets(results):
    rows = []
    for what, ratio, sign, bound in targets(results):
        if ratio is None or sign is None:
            rows.append([what, ratio and f"{ratio:.2f}", sign and f"{sign} {bound}", None])
        else:
            meets = operator.le if sign == "≤" else operator.ge
            met = meets(ratio, bound)
            texts = (f"{ratio:.{digits}f}" for digits in itertools.count(2))
            text = next(text for text in texts if meets(float(text), bound) == met)
            rows.append([what, text, f"{sign} {bound}", "met" if met else "not met"])
    return table(["batch size 64 and one thread, where nothing else is said", "ratio", "target", ""], rows)


def _race(results):
    rows = []
    for name, runs in results["race"].items():
        slower = statistics.median(run["seconds"][-1] / run["seconds"][0] for run in runs)
        final = statistics.median(run["accuracies"][-1] for run in runs)
        times = (seconds(reached(results, name, goal)) for goal in ("0.97", "0.98"))
        rows.append([name, *times, f"{final:.2%}", f"{slower:.2f}"])
    return table(["", "97 %", "98 %", "accuracy at the end", "last epoch / first"], rows)


def _convolution(results):
    one = results["convolution"]
    rows = [[name, seconds(value)] for name, value in one["seconds"].items()]
    return (
        f"{table(['forth and back, one thread', ''], rows)}\n\n"
        f"nnlib's own arrays hold at most {one['peak_bytes'] / 1e6:.1f} MB."
    )


def _memory(results):
    own = results["memory"]
    rows = [
        [name, peak and f"{peak:.0f} MB"]
        for name, peak in sorted(results["memory_of_process"].items(), key=lambda item: item[1] or 0)
    ]
    return (
        f"{table(['peak of the process, data included', ''], rows)}\n\n"
        f"nnlib's own arrays, beyond the data, hold at most {own['peak_bytes'] / 1e6:.2f} MB in an epoch of"
        f" {own['samples']} images; the parameters alone are {own['parameter_bytes'] / 1e6:.2f} MB."
    )


def _growth(results):
    rows = [
        [
            name,
            ", ".join(map(str, one["sizes"])),
            ", ".join(map(seconds, one["seconds"])),
            f"{one['exponent']:.2f}",
            str(one["expected"]),
        ]
        for name, one in results["growth"].items()
    ]
    return table(["", "sizes", "time", "fitted exponent", "expected"], rows)


def _xor(results):
    rates = results["xor"]["epochs_per_second"]
    classic = next(iter(rates.values()))
    rows = [[name, f"{rate:.0f}", f"{rate / classic:.2f}"] for name, rate in rates.items()]
    return (
        f"{table(['', 'epochs a second', '× the classic loop'], rows)}\n\n"
        "After the same epochs one sample at a time, no weight differs by more than"
        f" {results['xor']['difference']:.0e}."
    )


def _panel(results):
    one = results["panel"]
    return (
        f"{one['pictures']} pictures in {one['seconds']:.1f} s took {one['drawing_share']:.1%} of the time;"
        f" the longest that the event loop waited was {1000 * one['longest_wait_seconds']:.0f} ms."
    )


# Figure


def figure(results):
    """Return the seconds of an epoch against the batch size, one thread."""
    from matplotlib.figure import Figure

    from nnlib.teach import plots

    looks = {
        FLOOR: {"color": plots.LOSS, "linestyle": "--"},
        "nnlib": {"color": plots.DATA, "linewidth": 3, "marker": "o"},
        "JAX, jitted step": {"color": plots.RIGHT, "marker": "s"},
        "PyTorch": {"color": plots.WRONG, "marker": "^"},
        "scikit-learn": {"color": plots.PARAMETER, "marker": "D"},
        "Keras on JAX": {"color": plots.GRADIENT, "marker": "v"},
    }
    drawn = Figure(figsize=(7, 4.5), layout="constrained")
    ax = drawn.subplots()
    for name, look in looks.items():
        if name in results["epoch"]["1"]:
            sizes = [int(size) for size in results["epoch"]["1"][name]]
            ax.loglog(sizes, [epoch(results, name, size) for size in sizes], label=name, **look)
    ax.set_xticks(sizes, map(str, sizes))
    ax.minorticks_off()
    ax.set(xlabel="batch size", ylabel="seconds for 60 000 images")
    ratio = epoch(results, "nnlib") / epoch(results, FLOOR)
    ax.set_title(f"An epoch of MNIST on one core: at batch size 64, nnlib takes {ratio:.1f} × the floor")
    ax.legend()
    ax.spines[["top", "right"]].set_visible(False)
    return drawn
