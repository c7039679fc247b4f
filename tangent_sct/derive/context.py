"""What both modes work with: one program, its facts, and the words to write new statements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import gast
import numpy

from tangent_sct import runtime
from tangent_sct.analysis.boxes import Box
from tangent_sct.analysis.operations import Operation, opened, operation
from tangent_sct.analysis.overwritten import Overwritten
from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.kind import Kind
from tangent_sct.core.names import Names
from tangent_sct.core.origins import Origin
from tangent_sct.frontend.namespace import MISSING, Namespace, meaning
from tangent_sct.templating import registry
from tangent_sct.templating.fill import Instance, instantiate
from tangent_sct.templating.rule import Rule


@dataclass
class Context:
    """One function while it is being differentiated.

    Attributes:
        names: gives out names.
        namespace: free names of the generated text.
        bases: base of every local name; `""` for temporaries.
        value_kind: kind of the value of an expression over primal names.
        kind_of: the same where it is not None: None has no derivative.
        kind: the same for a name.
        share: all names that may share memory with a name (itself included).
        sources: names whose memory the value of an expression may share.
        stored: names whose memory is written in place somewhere.
        boxes: containers with a shadow (`analysis.boxes`), each with those of its class.
        tapes: lists that are only pushed to and popped from, as the derivatives of loops have them.
        active: names that carry a derivative.
        has_complex: whether there are complex numbers in the program.
        changed: names whose object a statement may change in a way that is not undone.
        overwritten: tells which elements that are read may be written afterwards.
        varied: whether some names may depend on what is differentiated.
        origin: of the statement that is being derived.
        partners: the last adjoint or tangent name that a primal name was given.
    """

    names: Names
    namespace: Namespace
    bases: dict[str, str]
    value_kind: Callable[[gast.AST], Kind]
    kind_of: Callable[[gast.AST], Kind]
    kind: Callable[[str], Kind]
    share: Callable[[str], frozenset[str]]
    sources: Callable[[gast.AST], tuple[str, ...]]
    stored: frozenset[str]
    boxes: Mapping[str, Box]
    tapes: frozenset[str]
    active: set[str]
    changed: Callable[[gast.AST], set[str]]
    varied: Callable[[Iterable[str]], bool]
    overwritten: Callable[[], Overwritten]
    has_complex: bool = False
    origin: Origin | None = None
    partners: dict[str, str] = field(default_factory=dict)

    def is_active(self, node: gast.AST) -> bool:
        """Whether an atom is a name that carries a derivative."""
        return isinstance(node, gast.Name) and node.id in self.active

    def is_buffer(self, name: str) -> bool:
        """Whether an active name's memory is written in place, so that it has a shadow."""
        return name in self.stored and name in self.active

    def is_box(self, name: str) -> bool:
        """Whether an active name is a container that has a shadow."""
        return name in self.boxes and name in self.active

    def has_shadow(self, name: str) -> bool:
        """Whether the adjoint of a name is a shadow, which is accumulated in place."""
        return self.is_buffer(name) or self.is_box(name)

    def temporary(self, base: str = "t") -> str:
        """A name for a temporary."""
        name = self.names.fresh(base)
        self.bases[name] = ""
        return name

    def version(self, base: str) -> str:
        """A new version of a name that stays in the text."""
        name = self.names.fresh(base)
        self.bases[name] = base
        return name

    def partner(self, name: str, suffix: str) -> str:
        """A new adjoint or tangent name of a primal name: `y_bar` for every version of `y`."""
        base = self.bases.get(name, name)
        found = self.version(f"{base}{suffix}") if base else self.temporary(f"{name}{suffix}")
        self.partners[name] = found
        return found

    def shadows_of_boxes(self, names: Iterable[str]) -> set[str]:
        """The shadows of those of some names that are boxes."""
        return {self.partners[name] for name in names if self.is_box(name) and name in self.partners}

    def numpy(self, dotted: str) -> gast.AST:
        """The expression `np.dotted`."""
        return self.namespace.dotted(f"np.{dotted}", numpy)

    def helper(self, function: Callable[..., Any], *args: gast.AST) -> gast.Call:
        """A call of a runtime helper."""
        name = self.namespace.name_for(function.__name__, function)
        return tree.call(name, *args)

    def zeros_like(self, node: gast.AST, kind: Kind) -> gast.AST:
        """Zeros for an adjoint or a tangent: of floats, also where a value may hold integers."""
        if kind.is_array and kind.is_float:
            return gast.Call(self.numpy("zeros_like"), [node], [])
        return self.helper(runtime.zeros_like, node)

    def operation(self, node: gast.AST) -> Operation | None:
        """The operation an expression is."""
        return operation(node, self.namespace.objects)

    def rule_of(self, found: Operation) -> Rule | None:
        """The rule of an operation, None where there is none."""
        return None if found.function is MISSING else registry.find(found.function)

    def instance(self, rule: Rule, found: Operation, results: list[str]) -> Instance:
        """A rule filled in for one statement; its free names join the namespace."""
        instance = instantiate(
            rule, list(found.args), dict(found.keywords), results, self.names, self.kind_of,
            self.origin, self.namespace.name_for,
        )  # fmt: skip
        for name, atom in instance.constants:
            if any(map(self.is_active, opened(atom))):
                shown = self.shown(atom)
                raise self.refusal(
                    f"the rule for `{rule.title}` says that it cannot be differentiated by `{shown}`, "
                    f"its parameter `{name}`",
                    f"keep the derivative away from it by stop_gradient({shown}), or write a rule that knows it",
                )
        if rule.broadcast or rule.primals == (numpy.dot,):
            for _, atom in instance.slots:
                self.refuse_own_arithmetic(atom)
        return instance

    def refuse_own_arithmetic(self, operand: gast.AST) -> None:
        """Refuse an operand whose class says itself what operators do: `*` of a sparse matrix is a matrix product.

        Raises:
            UnsupportedError: naming the operand.
        """
        kind = self.kind_of(operand)
        if kind.family == "other" and kind.value is not None:
            shown = self.shown(operand)
            raise self.refusal(
                f"`{shown}` is neither a number nor an array, and its class may compute what it likes",
                f"make it an array by np.asarray({shown}), or write `{shown} @ x` for the product of a sparse matrix",
            )

    def adopt(self, statements: list[gast.AST]) -> list[gast.AST]:
        """Bring filled text into the program: its locals are temporaries."""
        for statement in statements:
            for name in tree.names_written(statement):
                self.bases.setdefault(name, "")
        return statements

    def refusal(self, reason: str, hint: str, way: str = "") -> UnsupportedError:
        """An error that points at the current statement; `way` is how else the program may be read."""
        return UnsupportedError(reason, self.origin, hint, way=way)

    def refuse_unknown_change(self, node: gast.AST) -> None:
        """Refuse a statement that is kept as it is, and changes what carries a derivative.

        Raises:
            UnsupportedError: naming the call.
        """
        value = getattr(node, "value", None)
        if not isinstance(value, gast.Call):
            return
        if isinstance(value.func, gast.Attribute) and self.kind_of(value.func.value).is_container:
            # Which lists and dicts change with one another, activity knows.
            return
        changed = self.changed(node)
        # What does not vary shares no memory with what does, though one container may hold both.
        if not self.active.isdisjoint(changed) and self.varied(changed.intersection(tree.names_read(value))):
            raise self.unknown_change(value)

    def unknown_change(self, call: gast.Call, of_container: bool = False) -> UnsupportedError:
        """The error for a call that changes what carries a derivative, and of which no more is known."""
        return self.refusal(
            f"`{self.shown(call)}` changes values to be differentiated in a way that is not known",
            "build lists by append, take items off by pop(), or replace items one by one"
            if of_container
            else "write it with assignments to elements or slices",
            # The method may be one of an object that is made of constants.
            way="follows_all" if isinstance(call.func, gast.Attribute) else "",
        )

    def may_not_copy(self, value: gast.AST) -> UnsupportedError:
        """The error for what mostly makes a new array, and in some cases gives what it was given."""
        return self.refusal(
            f"whether `{self.shown(value)}` copies an array that is written in place, or a container, is not known",
            "annotate the arguments (float, np.ndarray), or use source_for(*args); "
            "of `sum(items, start)` write `start + sum(items)`",
        )

    def unresolved(self, symbol: str) -> UnsupportedError:
        """The error for an update that no sweep mirrors as it stands: elements were to be computed and stored."""
        return self.refusal(f"`{symbol}=` in place is not supported here", f"write `a[...] = a {symbol} b`")

    def refuse_written_items(self, loop: gast.For) -> None:
        """Refuse a loop over items that nothing stands beside, where something that varies is written into them.

        Raises:
            UnsupportedError: naming the variable of the loop.
        """
        for name in tree.names_written(loop.target):
            if name in self.active:
                raise self.refusal(
                    f"what a loop calls `{self.shown(tree.load(name))}` is written into",
                    "loop over a list or an array that has a name, or over range(len(...))",
                    # It may be an object that is made of constants.
                    way="follows_all",
                )

    def hidden_array(self, operand: gast.AST) -> UnsupportedError:
        """The error for a display of values that a function makes into an array."""
        return self.refusal(
            f"`{self.shown(operand)}` is made into an array on the way into a function",
            "make the array first: np.stack((...)) or np.array([...])",
        )

    def no_rule(self, node: gast.AST) -> UnsupportedError:
        """The error for a call that nothing is known about."""
        called = node.func if isinstance(node, gast.Call) else node
        text = self.shown(called)
        if called is node:
            reason = f"`{text}` is no part of an array, and what it holds cannot be differentiated"
            error = self.refusal(reason, "keep the values in an array, a tuple or a dict")
            error.way = "follows_all" if isinstance(node, gast.Attribute) else ""
            return error
        function = meaning(called, self.namespace.objects)
        why = registry.reason(function)
        if function is MISSING and isinstance(called, gast.Attribute):
            why = registry.reason_of_method(called.attr)
        if why is not None and why.standing != "followed":
            return self.refusal(
                f"`{text}` of values to be differentiated has no derivative rule, since {why.text}",
                why.hint or "compute it from values that are not differentiated",
            )
        if function is not MISSING and getattr(function, "__module__", None) == "builtins":
            reason = f"`{text}` of values to be differentiated has no derivative rule"
            return self.refusal(reason, "write a loop, or use a function of NumPy")
        if function is not MISSING:
            return self.refusal(
                f"`{text}` has no derivative rule and no Python source to differentiate",
                f"register a rule for it with @tangent_sct.rule({text}), or @tangent_sct.partials",
            )
        if isinstance(called, gast.Attribute):
            reason = f"the method `{text}` has no derivative rule"
            error = self.refusal(reason, "use the array itself, or a function of NumPy")
            error.way = "follows_all"
            return error
        return self.refusal(
            f"`{text}` is a function defined inside the one that is differentiated, or chosen only when it runs, "
            "so that its derivative cannot be written beforehand",
            "define the function at the top level of the module, call it by its name, "
            "and pass what it needs as arguments",
        )

    def shown(self, node: gast.AST) -> str:
        """An expression as the user wrote it: with the names of before renaming."""
        names = {name: tree.load(self.bases.get(name) or name) for name in tree.names_read(node)}
        return tree.text(tree.substitute(node, names))
