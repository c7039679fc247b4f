"""The search for cycles is put off, and taken up again whatever happens."""

from __future__ import annotations

import gc

import pytest

from tangent_sct.core.collection import uncollected


@pytest.fixture(autouse=True)
def enabled():
    gc.enable()
    yield
    gc.enable()


def test_calls_may_be_nested():
    @uncollected
    def outer():
        inner = uncollected(gc.isenabled)()
        return inner, gc.isenabled()

    assert outer() == (False, False)
    assert gc.isenabled()


def test_an_error_ends_the_pause():
    @uncollected
    def fail():
        raise ValueError

    with pytest.raises(ValueError):
        fail()
    assert gc.isenabled()


def test_who_has_turned_it_off_keeps_it_off():
    gc.disable()
    assert not uncollected(gc.isenabled)()
    assert not gc.isenabled()
