"""The order of the passes: from a user's function to the text of its derivative.

read        source -> small language, calls unfolded            frontend.program
single      structured single assignment                        frontend.single
branches    tests that kinds decide                             optimize.branches
resolve     `y += e` by kind; copies of written arguments       derive.resolve
derive      tangent or adjoint program                          derive.forward, derive.reverse
dead        what nothing needs                                  optimize.dead
record      what reversed loops read: computed again or taped   derive.record
FINISH      a tuple of passes                                   pipeline.passes
emit        text, comments, source map                          emit.text
"""

from tangent_sct.pipeline.passes import FINISH
from tangent_sct.pipeline.programs import is_wrapper
from tangent_sct.pipeline.writing import Result, differentiate, register

__all__ = ["FINISH", "Result", "differentiate", "is_wrapper", "register"]
