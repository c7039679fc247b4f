"""Lists and dicts of objects that a loop makes anew."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from tangent_sct.testing import check_derivative
from tests.helpers import Program, checked

FIRST: list[tuple[Program, tuple[Any, ...]]] = []
SECOND: list[tuple[Program, tuple[Any, ...]]] = []
program = checked(FIRST, SECOND)


@dataclass(frozen=True)
class Body:
    position: tuple
    velocity: tuple
    mass: float = 1.0


def moved(bodies, dt):
    out = []
    for i, b in enumerate(bodies):
        ax = ay = 0.0
        for j, o in enumerate(bodies):
            if i == j:
                continue
            dx, dy = o.position[0] - b.position[0], o.position[1] - b.position[1]
            r3 = (dx * dx + dy * dy + 0.01) ** 1.5
            ax += o.mass * dx / r3
            ay += o.mass * dy / r3
        v = (b.velocity[0] + dt * ax, b.velocity[1] + dt * ay)
        out.append(replace(b, velocity=v, position=(b.position[0] + dt * v[0], b.position[1] + dt * v[1])))
    return out


@program(0.5, 1.5)
def bodies_replaced(v, m):
    bodies = [Body((0.0, 0.0), (0.0, 0.0), m), Body((1.0, 0.0), (0.0, v)), Body((0.0, 2.0), (-v, 0.0), 0.1)]
    for _ in range(4):
        bodies = moved(bodies, 0.05)
    return sum(b.mass * (b.velocity[0] ** 2 + b.velocity[1] ** 2) for b in bodies)


class Double:
    def __init__(self, v):
        self.v = v

    def value(self):
        return self.v * 2


class Square:
    def __init__(self, v):
        self.v = v

    def value(self):
        return self.v * self.v


@program(0.7)
def with_another_name_for_the_first(x):
    first = [Double(x)]
    other = first
    total = 0.0
    for k in range(3):
        other.append(Square(x * k))
        first = [Double(o.value()) for o in first]
        total += sum(o.value() for o in other) + sum(o.value() for o in first)
    return total


@program(0.7)
def in_a_dict(x):
    d = {"p": Double(x)}
    total = 0.0
    for _ in range(3):
        d = {name: Square(o.value()) for name, o in d.items()}
        d["q"] = Double(x)
        total += d["p"].value() + d["q"].value()
    return total


@program(0.7)
def a_grid(x):
    grid = []
    for i in range(2):
        row = []
        for j in range(3):
            row.append(Square(x * (i + 1) + j))  # noqa: PERF401
        grid.append(row)
    total = 0.0
    for row in grid:
        for o in row:
            o.v = o.v * x
            total += o.value()
    return total + grid[1][2].value()


@program(0.7)
def groups_in_a_dict(x):
    groups = {"a": [Double(x), Double(2 * x)], "b": [Square(x)]}
    total = 0.0
    for name, group in groups.items():
        if name == "b":
            group.append(Square(x * x))
        for o in group:
            total += o.value()
    return total + groups["b"][1].value()


@program(0.7)
def a_row_has_another_name(x):
    row = [Double(x)]
    grid = [row, row]
    other = [Square(x)]
    row, other = other, row
    other.append(Square(x))
    return sum(o.value() for line in grid for o in line) + sum(o.value() for o in row)


@program(0.7)
def lists_change_places(x):
    one = [Double(x)]
    old = one
    total = 0.0
    for _ in range(3):
        new = [Double(o.value()) for o in one]
        old.append(Square(x))
        one, old = new, one
        total += sum(o.value() for o in old)
    return total + sum(o.value() for o in one)


@pytest.mark.parametrize(("f", "args"), FIRST, ids=lambda p: getattr(p, "__name__", ""))
def test_programs(f: Program, args: tuple[Any, ...]) -> None:
    check_derivative(f, *args)
