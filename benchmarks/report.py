"""Tables and plots of what `run.py` has measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from measure import RESULTS, table, write

LIMIT = "C by hand"
PRIMALS = ("primal", "primal, Numba")
OURS = ("ours", "ours, Numba")
TITLES = {
    "loops": "Loops over numbers and elements",
    "adbench": "ADBench's problems",
    "kernels": "Stencils and kernels in NumPy",
}

Outcome = Mapping[str, Any]


def title(outcome: Outcome) -> str:
    """A workload with its size."""
    return f"{outcome['workload']}, {outcome['size']}"


def milliseconds(seconds: float) -> str:
    """Three figures of a time."""
    return f"{seconds * 1e3:.3g}" if seconds < 1 else f"{seconds * 1e3:.0f}"


def ratio(outcome: Outcome, above: str, below: str) -> str:
    """Two times of one outcome in proportion."""
    seconds = outcome["seconds"]
    return f"{seconds[above] / seconds[below]:.2f}" if above in seconds and below in seconds else ""


def fastest_peer(outcome: Outcome) -> str | None:
    """The peer with the least time; what is written by hand is none."""
    peers = {name: time for name, time in outcome["seconds"].items() if name not in (*PRIMALS, *OURS, LIMIT)}
    return min(peers, key=lambda name: peers[name]) if peers else None


def best_of_ours(outcome: Outcome) -> str:
    """The faster of ours."""
    return min((name for name in OURS if name in outcome["seconds"]), key=lambda name: outcome["seconds"][name])


def line(outcome: Outcome) -> str:
    """An outcome while others are still measured."""
    times = ", ".join(f"{name} {milliseconds(time)}" for name, time in outcome["seconds"].items())
    return f"{title(outcome)}: {times}"


def names_in(found: Sequence[Outcome]) -> list[str]:
    """All candidates, in the order in which they are timed."""
    names: dict[str, None] = {}
    for outcome in found:
        names |= dict.fromkeys([*outcome["seconds"], *outcome["reasons"]])
    first = [name for name in (*PRIMALS, *OURS, LIMIT) if name in names]
    return first + [name for name in names if name not in first]


def times_table(found: Sequence[Outcome]) -> str:
    """Milliseconds of all candidates, with reasons as numbered notes."""
    names = names_in(found)
    notes: dict[str, int] = {}
    rows = []
    for outcome in found:
        cells = []
        for name in names:
            reason = outcome["reasons"].get(name, "")
            if name in outcome["seconds"]:
                cells.append(milliseconds(outcome["seconds"][name]))
            else:
                cells.append(f"[{notes.setdefault(reason, len(notes) + 1)}]" if reason else "")
        rows.append([title(outcome), *cells])
    text = table(["milliseconds", *names], rows)
    return text + "".join(f"\n\n[{number}] {reason}" for reason, number in notes.items())


def ratios_table(found: Sequence[Outcome]) -> str:
    """What the times mean: against the primal, against C, against the fastest peer."""
    header = [
        "ratios", "ours : primal", "ours, Numba : primal, Numba", "ours, Numba : C", "fastest peer", "peer : ours",
    ]  # fmt: skip
    rows = []
    for outcome in found:
        peer = fastest_peer(outcome)
        rows.append(
            [
                title(outcome),
                ratio(outcome, "ours", "primal"),
                ratio(outcome, "ours, Numba", "primal, Numba"),
                ratio(outcome, "ours, Numba", LIMIT),
                peer or "",
                ratio(outcome, peer, best_of_ours(outcome)) if peer else "",
            ]
        )
    return table(header, rows)


def losses(found: Sequence[Outcome]) -> str:
    """Where someone else is faster, the worst first."""
    lost = []
    for outcome in found:
        mine = best_of_ours(outcome)
        for name, time in outcome["seconds"].items():
            if name not in (*PRIMALS, *OURS) and time < outcome["seconds"][mine]:
                lost.append((outcome["seconds"][mine] / time, f"{title(outcome)}: {name} is faster than {mine}"))
    if not lost:
        return "Nobody is faster anywhere."
    return "\n".join(f"* {text}, by {factor:.2f}" for factor, text in sorted(lost, reverse=True))


def first_table(found: Sequence[Outcome]) -> str:
    """Seconds until the first result."""
    names = [name for name in names_in(found) if any(name in outcome["first"] for outcome in found)]
    rows = [
        [title(o), *(f"{o['first'][name]:.2f}" if name in o["first"] else "" for name in names)] for o in found
    ]
    return table(["seconds", *names], rows)


def memory_table(found: Sequence[Outcome]) -> str:
    """Peak memory, where it was measured."""
    found = [outcome for outcome in found if outcome["peaks"]]
    names = [name for name in names_in(found) if any(name in outcome["peaks"] for outcome in found)]
    rows = [
        [title(o), *(f"{o['peaks'][name] / 2**20:.1f}" if name in o["peaks"] else "" for name in names)]
        for o in found
    ]
    return table(["MiB", *names], rows) if found else ""


def plot(group: str, found: Sequence[Outcome]) -> None:
    """Time against that of the faster of ours, a row of marks a workload."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    names = [name for name in names_in(found) if name not in PRIMALS]
    figure, axes = plt.subplots(figsize=(9, 1.5 + 0.28 * len(found)), layout="constrained")
    for number, name in enumerate(names):
        there = [i for i, outcome in enumerate(found) if name in outcome["seconds"]]
        values = [found[i]["seconds"][name] / found[i]["seconds"][best_of_ours(found[i])] for i in there]
        axes.plot(values, there, "os^vDPX*"[number % 8], label=name, alpha=0.8)
    axes.set(xscale="log", xlabel="time / time of the faster of ours")
    axes.set_yticks(np.arange(len(found)), [title(outcome) for outcome in found])
    axes.invert_yaxis()
    axes.axvline(1.0, color="0.5", linewidth=0.8)
    axes.grid(axis="x", alpha=0.3)
    axes.legend(fontsize="small")
    figure.savefig(RESULTS / f"{group}.png", dpi=120)
    plt.close(figure)


def plot_sizes(group: str, found: Sequence[Outcome]) -> None:
    """Time over sizes, a small picture a workload."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    by_name: dict[str, list[Outcome]] = {}
    for outcome in found:
        by_name.setdefault(outcome["workload"], []).append(outcome)
    width = 4
    height = -(-len(by_name) // width)
    figure, grid = plt.subplots(height, width, figsize=(12, 2.6 * height), layout="constrained", squeeze=False)
    names = names_in(found)
    for axes, (workload, sizes) in zip(grid.flat, by_name.items(), strict=False):
        for number, name in enumerate(names):
            there = [(i, o["seconds"][name]) for i, o in enumerate(sizes) if name in o["seconds"]]
            if there:
                places, values = zip(*there, strict=True)
                axes.semilogy(places, np.array(values) * 1e3, ".-", color=f"C{number % 10}", label=name)
        axes.set_xticks(range(len(sizes)), [outcome["size"] for outcome in sizes], fontsize="x-small")
        axes.set_title(workload, fontsize="small")
    for axes in grid.flat[len(by_name) :]:
        axes.set_axis_off()
    pairs = [zip(*axes.get_legend_handles_labels(), strict=True) for axes in grid.flat]
    handles = {label: handle for each in pairs for handle, label in each}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=6, fontsize="small")
    figure.supylabel("milliseconds", fontsize="small")
    figure.savefig(RESULTS / f"{group}_sizes.png", dpi=120)
    plt.close(figure)


def write_down(found: Sequence[Outcome], versions: Mapping[str, str]) -> None:
    """A page, its numbers and two plots for each group that was measured."""
    for group, heading in TITLES.items():
        mine = [outcome for outcome in found if outcome["group"] == group]
        if not mine:
            continue
        parts = [times_table(mine), ratios_table(mine), "## Where others are faster\n\n" + losses(mine)]
        parts.append("## Until the first result: transforming, tracing, compiling, running\n\n" + first_table(mine))
        if any(outcome["peaks"] for outcome in mine):
            parts.append("## Peak memory beyond what is loaded\n\n" + memory_table(mine))
        write(group, heading, versions, "\n\n".join(parts), mine)
        plot(group, mine)
        plot_sizes(group, mine)
