"""Account of the time in which a source was not watched."""

from __future__ import annotations

import itertools

import pytest

from tests.conftest import NOON
from tracking.runner.attendance import Attendance


class Account:
    def __init__(self) -> None:
        self.told: list[tuple[str, float, float]] = []
        self.mistaken = 0.0
        self.now = 0.0
        self.attendance = Attendance(self._tell, NOON, clock=lambda: self.now)

    def _tell(self, state: str, since: int, until: int, mistaken: int) -> None:
        self.mistaken += mistaken / 1000
        self.told.append((state, (since - NOON) / 1000, (until - NOON) / 1000))


@pytest.fixture
def account() -> Account:
    return Account()


def run(account: Account, *steps: tuple[str, float]) -> list[tuple[str, float, float]]:
    for what, seconds in steps:
        t = NOON + round(seconds * 1000)
        account.now = max(seconds, account.now)  # whatever the wall clock is set to
        if what in ("stale", "down", "stopped"):
            account.attendance.missed(what, t)
        else:
            getattr(account.attendance, what)(t)
    return account.told


def test_a_watched_source_says_nothing(account: Account) -> None:
    told = run(account, ("watched", 0), ("watched", 1), ("tick", 2), ("watched", 3), ("end", 4))
    assert told == []


def test_the_time_until_the_first_picture_is_not_watched(account: Account) -> None:
    assert run(account, ("tick", 0.5), ("watched", 0.8)) == [("down", 0, 0.8)]


def test_silence_becomes_absence_back_to_the_last_picture(account: Account) -> None:
    told = run(account, ("watched", 0), ("watched", 10), ("tick", 12.9), ("tick", 13.5))
    assert told == [("down", 10, 13.5)]
    assert account.attendance.state == "down"


def test_a_camera_that_gives_a_picture_every_ten_seconds_is_not_silent(account: Account) -> None:
    slow = [("watched", 10.0 * step) for step in range(4)]
    run(account, *slow)
    account.told.clear()
    assert run(account, ("tick", 39), ("watched", 40), ("tick", 50)) == []
    assert run(account, ("tick", 66)) == [("down", 40, 66)]


def test_a_part_is_not_told_twice(account: Account) -> None:
    """The picture froze, then nothing came, then the same picture came again."""
    run(account, ("watched", 0), ("watched", 15), ("watched", 19), ("down", 25), ("watched", 26))
    account.attendance.missed("stale", NOON + 30_000, NOON + 15_000)
    assert account.told == [("down", 19, 25), ("down", 25, 26), ("stale", 26, 30)]


def test_a_long_absence_is_told_every_second_without_gaps(account: Account) -> None:
    ticks = [("tick", 10 + step / 2) for step in range(20)]
    told = run(account, ("watched", 0), ("watched", 10), *ticks, ("watched", 20))
    assert [told[0][1], told[-1][2]] == [10, 20]
    assert all(one[2] == other[1] for one, other in itertools.pairwise(told))


def test_one_state_follows_on_another(account: Account) -> None:
    told = run(account, ("watched", 0), ("stale", 10), ("down", 15), ("watched", 16))
    assert told == [("stale", 0, 10), ("stale", 10, 15), ("down", 15, 16)]


def test_a_frozen_picture_counts_back_to_where_it_froze(account: Account) -> None:
    account.attendance.watched(NOON)
    account.attendance.watched(NOON + 9000)
    account.attendance.missed("stale", NOON + 10_000, NOON + 2000)
    assert account.told == [("stale", 2, 10)]
    assert account.mistaken == 7  # until the last picture it looked alive


def test_the_end_tells_what_is_left(account: Account) -> None:
    assert run(account, ("watched", 0), ("down", 0.4), ("end", 0.7)) == [("down", 0, 0.7)]


def test_a_clock_that_is_set_back_tells_nothing_backwards(account: Account) -> None:
    told = run(account, ("watched", 0), ("down", 100), ("tick", 50), ("tick", 52))
    assert told == [("down", 0, 100), ("down", 50, 52)]
