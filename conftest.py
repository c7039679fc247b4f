"""What is collected: of large tables one in n cases, unless all are asked for by `pytest --whole`.

The code that numba compiles is read where numba is installed alone.
"""

from __future__ import annotations

from collections import defaultdict
from importlib.util import find_spec
from zlib import crc32

import pytest

collect_ignore_glob = [] if find_spec("numba") else ["tangent_sct/runtime/compilable*.py"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--whole`: a run of everything takes longer than one wants to wait for after each change."""
    parser.addoption("--whole", action="store_true", help="all cases of the large tables, not one in n")


def pytest_configure(config: pytest.Config) -> None:
    """The mark of a large table, `@pytest.mark.every(n)`."""
    config.addinivalue_line("markers", "every(n): one in n cases is run, unless all are asked for by --whole")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out cases of large tables; the same ones in each run, and in each worker."""
    if config.getoption("--whole"):
        return
    tables: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("every") is not None:
            tables[item.nodeid.partition("[")[0]].append(item)
    left_out: set[pytest.Item] = set()
    for cases in tables.values():
        # Every n-th in the order of the table might be of one kind.
        mixed = sorted(cases, key=lambda item: (crc32(item.nodeid.encode()), item.nodeid))
        every = mixed[0].get_closest_marker("every").args[0]
        left_out.update(mixed[-(-len(mixed) // every) :])
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]
