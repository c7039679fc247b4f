"""Peak memory of derivatives, each in a process of its own.

    python benchmarks/memory.py lorenz n=10000 ours
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def peaks(workload: str, size: str, names: list[str]) -> dict[str, int]:
    """Bytes that each candidate needs at its peak, beyond what it needs at the tiny size."""
    found = {}
    for name in names:
        command = [sys.executable, str(Path(__file__)), workload, size, name]
        ran = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parent.parent)
        if ran.returncode == 0:
            found[name] = int(json.loads(ran.stdout.splitlines()[-1]))
    return found


def main() -> None:
    """Run one candidate at the tiny size, then at the size, and print by how much the peak has risen."""
    import resource

    import candidates
    import workloads

    name, size, tool = sys.argv[1:]
    (workload,) = [w for w in workloads.ALL if w.name == name]
    prepare = {**candidates.PRIMALS, **candidates.OURS, **candidates.peers()}[tool]
    peak = []
    for each in ("tiny", size):
        if not callable(prepare):
            raise SystemExit(prepare)
        prepare(workload, workload.made(each)).run()
        peak.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    print(json.dumps((peak[1] - peak[0]) * 1024))


if __name__ == "__main__":
    main()
