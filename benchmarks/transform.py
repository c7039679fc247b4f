"""How long the compiler itself takes.

    pip install -e ".[bench]"
    python benchmarks/transform.py

Measures `import tangent_sct` beyond the import of NumPy, the first derivative in a new process
(which loads the templates), and derivatives of functions of 10 to 1000 lines, which should take
time in proportion. Writes a table, its numbers and a plot to benchmarks/results/.
"""

from __future__ import annotations

import linecache
import math
import statistics
from collections.abc import Callable
from itertools import count

import numpy as np
from measure import RESULTS, environment, fresh_process, seconds, table, write

import tangent_sct

SIZES = (10, 30, 100, 300, 1000)

BLOCK = """\
    a = np.sin(a) * x + y / (1.0 + a * a)
    b = np.exp(-a * a) + b * y
    if a > b:
        a = a - x * b
    else:
        b = b + np.tanh(a) * y
    for i in range(3):
        c = a * b
        a = 0.5 * a + c * x
        b = 0.5 * b - c * y
"""

IMPORT = """
import time, numpy
start = time.perf_counter()
import tangent_sct
print(time.perf_counter() - start)
"""

FIRST = """
import sys, time
sys.path.insert(0, "benchmarks")
import transform
function = transform.program(30)
start = time.perf_counter()
transform.derive(function)
print(time.perf_counter() - start)
"""

_serial = count()


def program(lines: int) -> Callable[[float, float], float]:
    """A new function of about that many lines, a third of them in loops."""
    file = f"<benchmark {next(_serial)}>"
    text = "def f(x, y):\n    a, b = x, y\n" + BLOCK * (lines // 10) + "    return a * b\n"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    names = {"np": np}
    exec(compile(text, file, "exec"), names)
    return names["f"]


def derive(function: Callable[[float, float], float]) -> None:
    """Everything up to the first number: transform, load, run once."""
    tangent_sct.grad(function, wrt=(0, 1))(0.3, 0.4)


def measured(lines: int, rounds: int = 5) -> float:
    """Median seconds to derive a function of some length."""
    functions = [program(lines) for _ in range(rounds)]
    return statistics.median(seconds(lambda f=f: derive(f)) for f in functions)


def plot(times: dict[int, float]) -> None:
    """Draw time against length, beside a line of slope one."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    sizes, values = list(times), [value * 1e3 for value in times.values()]
    figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    axes.loglog(sizes, values, "o-", label="tangent_sct")
    proportional = [values[1] * size / sizes[1] for size in sizes]
    axes.loglog(sizes, proportional, "--", color="0.6", label="in proportion")
    axes.set(xlabel="lines of the function", ylabel="time to derive (ms)")
    axes.legend()
    figure.savefig(RESULTS / "transform.png", dpi=120)


def main() -> None:
    """Measure everything and write it down."""
    started = fresh_process(IMPORT)
    first = fresh_process(FIRST)
    derive(program(30))
    times = {lines: measured(lines) for lines in SIZES}
    growth = math.log(times[1000] / times[100]) / math.log(10)

    rows = [
        ["import, beyond NumPy", f"{started * 1e3:.1f}"],
        ["first derivative of a process, 30 lines", f"{first * 1e3:.1f}"],
    ]
    rows += [[f"derivative, {lines} lines", f"{time * 1e3:.1f}"] for lines, time in times.items()]
    body = table(["what", "ms"], rows)
    body += f"\n\nFrom 100 to 1000 lines the time grows as the length to the power {growth:.2f}."
    data = {"import": started, "first": first, "lines": times, "growth": growth}
    versions = environment(["numpy", "gast", "tangent_sct"])
    write("transform", "Time to derive", versions, body, data)
    plot(times)


if __name__ == "__main__":
    main()
