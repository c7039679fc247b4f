"""The door to the derivative templates.

An installed package has the template files beside this one. In a checkout they stand in the
top-level folder `templates`, where they are edited; this package then looks there, so that
`tangent_sct.templates.elementwise` is the same module in both.
"""

from __future__ import annotations

from pathlib import Path


def _folder() -> Path:
    """Where the template files are: beside this file, or in the checkout around it."""
    here = Path(__file__).parent
    if any(path.name != "__init__.py" for path in here.glob("*.py")):
        return here
    return here.parent.parent / "templates"


if str(_folder()) not in __path__:
    __path__.append(str(_folder()))
