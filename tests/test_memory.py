"""Memory that is no longer needed goes."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Iterator
from types import ModuleType

import pytest

from tracking.memory import Tidier


class Circle:
    """Refers to itself: only a collection finds that nobody else does."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def by_hand() -> Iterator[None]:
    """Nothing is collected by itself; what is frozen thaws afterwards."""
    gc.disable()
    yield
    gc.unfreeze()
    gc.enable()


def dropped() -> weakref.ref[Circle]:
    return weakref.ref(Circle())


def test_what_refers_to_itself_goes(by_hand: None) -> None:
    circle = dropped()
    assert circle() is not None
    Tidier().tidy()
    assert circle() is None


def test_it_is_looked_for_at_most_every_few_seconds(by_hand: None) -> None:
    tidier = Tidier(every=3600)
    tidier.tidy()
    circle = dropped()
    tidier.tidy()
    assert circle() is not None


def test_what_was_loaded_is_left_out_of_later_looks(
    by_hand: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    tidier = Tidier(every=0)
    tidier.tidy()
    frozen = gc.get_freeze_count()
    assert frozen > 10_000
    kept = [[each] for each in range(1000)]
    tidier.tidy()
    assert gc.get_freeze_count() <= frozen  # nothing was loaded meanwhile
    monkeypatch.setitem(sys.modules, "a module of this test", ModuleType("loaded"))
    tidier.tidy()
    assert gc.get_freeze_count() >= frozen + len(kept) // 2
