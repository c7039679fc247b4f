"""What users see when a derivative is refused.

`UnsupportedError` is raised while transforming (what a check in generated code refuses is a
`runtime.DerivativeError`). It names the user's file, line and expression, says why, and what to write
instead (as a note, so that Python prints it under the caret).
"""

from __future__ import annotations

from tangent_sct.core.origins import Origin


class UnsupportedError(SyntaxError):
    """A program is outside what can be differentiated; raised before any number is computed.

    Args:
        reason: what is not supported, and why, in one sentence.
        origin: where it stands in the user's file, or None where there is no source.
        hint: what to write instead.
        way: another way of reading programs (a field of `pipeline.programs.Ways`) in which it may be supported.
        or_else: yet another, for where none of those that follow from the first leads to a derivative.
    """

    def __init__(
        self, reason: str, origin: Origin | None = None, hint: str = "", way: str = "", or_else: str = ""
    ) -> None:
        if origin is None:
            super().__init__(reason)
        else:
            # Only the first line is shown, so the carets of a longer stretch end with it.
            one_line = origin.end_line == origin.line
            last = origin.end_column + 1 if one_line else len(origin.text) + 1
            place = (origin.file, origin.line, origin.column + 1, origin.text, origin.line, last)
            super().__init__(reason, place)
        self.reason = reason
        self.origin = origin
        self.hint = hint
        self.way = way
        self.or_else = or_else
        if hint:
            self.add_note(f"hint: {hint}")

    def __reduce__(self) -> tuple[type[UnsupportedError], tuple[object, ...]]:
        return type(self), (self.reason, self.origin, self.hint, self.way, self.or_else)


def rebound(reason: str, origin: Origin | None, hint: str) -> UnsupportedError:
    """The refusal of a variable that a function which stays in the text reads; unfolded, it may be supported."""
    return UnsupportedError(reason, origin, hint, "unfolds")


def half_tried(reason: str, origin: Origin | None, hint: str) -> UnsupportedError:
    """The refusal of a `try` in which something is left half done; cut into steps, the `try` may be supported."""
    return UnsupportedError(reason, origin, hint, "by_steps")


def changed_state(reason: str, origin: Origin | None, hint: str) -> UnsupportedError:
    """The refusal of a checkpointed loop for what it changes; with more of that in its state, it may be supported."""
    return UnsupportedError(reason, origin, hint, "copies_all")
