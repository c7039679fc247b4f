"""What is collected: the code that numba compiles is read where numba is installed alone."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("numba") else ["tangent_sct/runtime/compilable*.py"]
