"""The derivative functions: what each mode takes, computes and returns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import gast

from tangent_sct import runtime
from tangent_sct.analysis.operations import parted
from tangent_sct.core import tree
from tangent_sct.core.kind import FLOAT, UNKNOWN, Kind, same_shape, scalar
from tangent_sct.core.unit import SEED, Request
from tangent_sct.derive.calls import Pairs
from tangent_sct.derive.context import Context
from tangent_sct.derive.forward import Forward
from tangent_sct.derive.reverse import Reverse


@dataclass(frozen=True)
class Derived:
    """A derivative function before optimisation.

    Attributes:
        name: its name.
        parameters: all its parameters, those that it adds to the function's own last.
        defaults: defaults of the last of them.
        body: its statements.
        seed_kinds: kinds of the parameters it adds.
    """

    name: str
    parameters: list[str]
    defaults: list[gast.AST]
    body: list[gast.AST]
    seed_kinds: dict[str, Kind]


def gradient(
    context: Context,
    name: str,
    parameters: list[str],
    body: list[gast.AST],
    request: Request,
    calls: Pairs,
) -> Derived:
    """`f_grad` or `f_value_and_grad`: the adjoints of the arguments for a scalar result.

    Raises:
        UnsupportedError: when the result surely is no scalar.
    """
    *statements, last = body
    assert isinstance(last, gast.Return)
    result = _result_name(context, statements, last)
    reverse = Reverse(context, statements, calls)
    seed = context.version(f"{name}_bar")
    context.origin = tree.origin_of(last)
    if request.has_aux:
        _refuse_other_than_pair(context, result)
    value = reverse.parts.part(result, 0) if request.has_aux else result
    kind = reverse.values.kind(value)
    check = _scalar_check(context, kind, reverse.parts.primal(value))
    _refuse_other_numbers(context, kind, request.holomorphic)

    def start() -> None:
        if value in context.active or value in reverse.parts.place:
            reverse.values.contribute(value, tree.load(seed), of=kind)

    forward, backward = reverse.sweep(start)
    kept, returned = _kept_value(context, result, reverse)
    context.origin = None
    adjoints = _collected([_adjoint_of(reverse, n) for n in request.wrt], request.single)
    first, second = reverse.finish(forward, backward)
    if request.mode == "value_and_grad":
        answer = tree.tuple_of([returned, adjoints])
    elif request.has_aux:
        answer = tree.tuple_of([adjoints, _extras(statements, returned)])
    else:
        answer, kept = adjoints, []
    end = _end(answer, last)
    full = [*first, *check, *kept, *second, end]
    one, seed_kind = tree.const(1.0), FLOAT
    if request.holomorphic:
        one, seed_kind = tree.binary(one, "+", tree.const(0j)), scalar("complex")
    return Derived(f"{name}_{request.mode}", [*parameters, seed], [one], full, {seed: seed_kind})


def pullback(
    context: Context,
    name: str,
    parameters: list[str],
    body: list[gast.AST],
    request: Request,
    calls: Pairs,
) -> Derived:
    """`f_vjp`: the value, and the adjoints of the arguments for a given seed; for `f_adjoint` those alone."""
    *statements, last = body
    assert isinstance(last, gast.Return)
    result = _result_name(context, statements, last)
    reverse = Reverse(context, statements, calls)
    seed = context.version(f"{name}_bar")
    context.origin = tree.origin_of(last)
    kinds = dict(request.kinds)
    check: list[gast.AST] = []
    if request.mode not in ("pair", "replay") and not _same_structure(
        kinds.get(SEED, UNKNOWN), context.kind(result)
    ):
        checked = context.helper(runtime.check_seed, tree.load(seed), tree.load(result))
        check = [tree.mark(tree.effect(checked), None)]

    _refuse_other_seed(context, kinds.get(SEED, UNKNOWN), context.kind(result))

    def start() -> None:
        if result not in context.active:
            return
        for atom, part in parted(_display(reverse, result) or tree.load(result), tree.load(seed)):
            if context.is_active(atom):
                reverse.values.contribute(atom.id, part, of=context.kind(atom.id))

    forward, backward = reverse.sweep(start)
    kept, returned = _kept_value(context, result, reverse)
    context.origin = None
    adjoints = _collected([_adjoint_of(reverse, n) for n in request.wrt], request.single)
    first, second = reverse.finish(forward, backward)
    if request.mode == "replay":
        answer, kept = adjoints, []
    else:
        answer = tree.tuple_of([returned, adjoints])
    end = _end(answer, last)
    full = [*first, *check, *kept, *second, end]
    kind = kinds.get(SEED) or context.kind(result)
    return Derived(f"{name}_vjp", [*parameters, seed], [], full, {seed: kind})


def pushforward(
    context: Context,
    name: str,
    parameters: list[str],
    body: list[gast.AST],
    request: Request,
    calls: Pairs,
) -> Derived:
    """`f_jvp`: the value, and its tangent for given tangents of the arguments."""
    *statements, last = body
    assert isinstance(last, gast.Return)
    result = _result_name(context, statements, last)
    forward = Forward(context, statements, calls)
    start: list[gast.AST] = []
    seeds: list[str] = []
    if request.single or request.mode == "pushforward":
        for argument in request.wrt:
            seeds.append(context.partner(argument, "_dot"))
            forward.tangents[argument] = seeds[-1]
    else:
        seeds.append(context.version("seed"))
        for number, argument in enumerate(request.wrt):
            if argument in context.active:
                item = tree.subscript(tree.load(seeds[0]), tree.const(number))
                start.append(tree.mark(tree.assign(forward.tangent_name(argument), item), None))
    for other in parameters:
        if other in context.active and other not in request.wrt:
            zero = tree.assign(forward.tangent_name(other), forward.zero(tree.load(other)))
            start.append(tree.mark(zero, None))
    full = forward.run()
    if result in context.active:
        tangent: gast.AST = tree.load(forward.tangent_name(result))
    else:
        tangent = forward.zero(tree.load(result))
    end = _end(tree.tuple_of([tree.load(result), tangent]), last, "forward")
    seed_kinds = {seed: context.kind(of) for seed, of in zip(seeds, request.wrt, strict=False)}
    if not (request.single or request.mode == "pushforward"):
        seed_kinds = {seeds[0]: dict(request.kinds).get(SEED, UNKNOWN)}
    return Derived(f"{name}_jvp", [*parameters, *seeds], [], [*start, *full, end], seed_kinds)


def _same_structure(seed: Kind, value: Kind) -> bool:
    """Whether a seed surely has the structure and the shapes of the value that it weighs."""
    if not value.is_container:
        return value.is_float is False or same_shape(seed, value)
    if seed.family != value.family or value.items is None:
        return False
    if [key for key, _ in seed.items or ()] != [key for key, _ in value.items]:
        return False
    return all(_same_structure(seed.item(key), item) for key, item in value.items)


def _result_name(context: Context, statements: list[gast.AST], last: gast.Return) -> str:
    """The name that is returned; a literal gets one."""
    if isinstance(last.value, gast.Name):
        return str(last.value.id)
    name = context.temporary("result")
    statements.append(tree.like(tree.assign(name, last.value), last))
    return name


def _extras(statements: list[gast.AST], pair: gast.AST) -> gast.AST:
    """The second of the two results, as the user spelled it where that can be seen."""
    for node in statements:
        if isinstance(node, gast.Assign) and isinstance(node.value, gast.Tuple):
            if tree.same(tree.with_context(node.targets[0], gast.Load()), pair):
                return tree.copy(node.value.elts[1])
    return tree.subscript(pair, tree.const(1))


def _refuse_other_than_pair(context: Context, result: str) -> None:
    kind = context.kind(result)
    if kind.family != "unknown" and not (kind.family == "tuple" and len(kind.items or ()) == 2):
        raise context.refusal(
            "with has_aux=True the result must be a tuple of two: the value and the extras",
            "return `value, extras`; put several extras into one tuple or dict",
        )


def _scalar_check(context: Context, kind: Kind, value: gast.AST) -> list[gast.AST]:
    if kind.rank == 0:
        return []
    if kind.family in ("tuple", "list", "dict"):
        raise context.refusal(
            f"the result is a {kind.family}, and a gradient needs a scalar",
            "use vjp with a seed of the same structure, or has_aux=True for `return value, extras`",
        )
    if kind.rank is not None:
        raise context.refusal(
            f"the result is an array with {kind.rank} axes, and a gradient needs a scalar",
            "sum it up, or use vjp with a seed of its shape, or jacobian",
        )
    if kind.family == "other":
        raise context.refusal("the result is no number", "return a float")
    return [tree.mark(tree.effect(context.helper(runtime.check_scalar, value)), None)]


def _refuse_other_numbers(context: Context, kind: Kind, holomorphic: bool) -> None:
    """Refuse the gradient of a complex result, and of a real one as of a holomorphic function."""
    if kind.is_complex and not holomorphic:
        raise context.refusal(
            "the result is complex, and a gradient needs a real number",
            "take np.real(...) or np.abs(...) of it, or use vjp with a complex seed; "
            "the derivative of a holomorphic function is grad(f, holomorphic=True)",
        )
    if holomorphic and not kind.is_complex:
        raise context.refusal(
            "holomorphic=True is for functions with a complex result, and this one is not known to be complex",
            "leave holomorphic=True out",
        )


def _refuse_other_seed(context: Context, seed: Kind, value: Kind) -> None:
    """Refuse a real seed for a complex value, and a complex one for a real value."""
    if value.is_container:
        for key, item in value.items or ():
            _refuse_other_seed(context, seed.item(key), item)
    elif seed.is_float is False and value.is_float and (seed.is_scalar or seed.is_array):
        raise context.refusal(
            "the seed holds integers, and stores would make integers of derivatives", "pass a seed of floats: 1.0"
        )
    elif None not in (seed.is_complex, value.is_complex) and seed.is_complex != value.is_complex:
        what, hint = ("complex", "np.real(seed)") if seed.is_complex else ("real", "seed + 0j")
        raise context.refusal(
            f"the seed is {what}, and the result that it weighs is {'real' if seed.is_complex else 'complex'}",
            f"pass a seed of the same kind of numbers: {hint}",
        )


def _kept_value(context: Context, result: str, reverse: Reverse) -> tuple[list[gast.AST], gast.AST]:
    """The value to return; copied where the reverse sweep will write into its memory."""
    if result not in context.stored or context.kind(result).is_scalar:
        return [], tree.load(result)
    kept = context.version("value")
    copy = _copy_of(reverse, tree.load(result))
    return [tree.mark(tree.assign(kept, copy), None)], tree.load(kept)


def _copy_of(reverse: Reverse, item: gast.AST) -> gast.AST:
    """The copy of an atom; of a number, itself, and of a tuple that is written out one of copies."""
    context = reverse.context
    display = item if isinstance(item, gast.Tuple) else _display(reverse, item)
    if display is not None:
        return tree.tuple_of(_copy_of(reverse, inner) for inner in display.elts)
    kind = context.kind_of(item)
    if kind.is_scalar:
        return tree.copy(item)
    if kind.is_array:
        return gast.Call(tree.attribute(tree.copy(item), "copy"), [], [])
    return context.helper(runtime.copied, tree.copy(item))


def _display(reverse: Reverse, item: gast.AST) -> gast.Tuple | None:
    """The tuple of atoms that a name with arrays written in place stands for; None where it is something else.

    What a tuple holds stays what it is, so its items may stand in its place at the end of the program.
    """
    if not isinstance(item, gast.Name) or not reverse.context.is_box(item.id):
        return None
    definitions = reverse.layout.definitions.get(item.id, [])
    if len(definitions) != 1:
        return None
    (node,) = definitions
    is_plain = isinstance(node.value, gast.Tuple) and all(map(tree.is_atom, node.value.elts))
    return node.value if is_plain and not reverse.layout.path[id(node)] else None


def _end(answer: gast.AST, last: gast.AST, sweep: str = "reverse") -> gast.AST:
    """The `return` of the derivative; what it computes, the user's `return` computes."""
    return tree.mark(tree.return_(answer), tree.origin_of(last), sweep)


def _adjoint_of(reverse: Reverse, name: str) -> gast.AST:
    """The adjoint of an argument, in the structure of the argument."""
    adjoint = reverse.parts.result_of(name)
    if not reverse.context.is_box(name):
        return adjoint
    kind = reverse.values.kind(name)
    if _is_closed(kind):
        return _restored(adjoint, kind)
    return reverse.context.helper(runtime.like_argument, adjoint, tree.load(name))


def _is_closed(kind: Kind) -> bool:
    """Whether the structure of a container is known, nested ones included."""
    if not kind.is_container:
        return kind.is_float is not None
    return kind.items is not None and all(_is_closed(item) for _, item in kind.items)


def _restored(value: gast.AST, kind: Kind) -> gast.AST:
    """A container that was made to be written into, with tuples where there were tuples."""
    if kind.is_float is False and not kind.is_container:
        return tree.const(None)
    if not _is_rewritten(kind):
        return value
    items = [
        _restored(tree.subscript(tree.copy(value), tree.const(key)), item)
        for key, item in kind.items or ()
    ]
    if kind.family == "dict":
        return gast.Dict([tree.const(key) for key, _ in kind.items or ()], items)
    return tree.list_of(items) if kind.family == "list" else tree.tuple_of(items)


def _is_rewritten(kind: Kind) -> bool:
    """Whether a container is a tuple, or holds one, or holds what has no derivative."""
    if not kind.is_container:
        return kind.is_float is False
    return kind.family == "tuple" or any(_is_rewritten(item) for _, item in kind.items or ())


def _collected(items: Iterable[gast.AST], single: bool) -> gast.AST:
    every = list(items)
    return every[0] if single else tree.tuple_of(every)
