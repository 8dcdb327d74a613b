"""What needs attention is said in words, the worst first, and nothing else is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.worlds import ms
from tracking.dashboard.overview.attention import Concern, Disk, Situation, concerns
from tracking.localtime import HOUR, MINUTE

NOON = ms("2026-03-30T12:00:00+02:00")
GB = 1000**3
ROOM = Disk(free=400 * GB, total=1000 * GB)
ZONES = {"gate": "Europe/Berlin", "door": "Asia/Kolkata"}


def source(state: str = "ok", **more: Any) -> dict[str, Any]:
    return {"state": state, "live": True, "last_error": None, "note": None, "delay_ms": 90, **more}


def health(**sources: dict[str, Any]) -> dict[str, Any]:
    return {"database_trouble": None, "problems": [], "sources": sources}


def found(**what: Any) -> list[Concern]:
    usual: dict[str, Any] = {
        "now": NOON,
        "phase": "running",
        "health": health(gate=source(), door=source()),
        "configured": ZONES,
        "disk": ROOM,
        "latest": NOON,
    }
    return concerns(Situation(**{**usual, **what}))


def texts(**what: Any) -> list[str]:
    return [concern.text for concern in found(**what)]


def test_nothing_is_said_where_all_is_well() -> None:
    assert found() == []


def test_a_source_that_is_down_is_said_with_its_error_and_since_when_by_its_own_clock() -> None:
    down = health(gate=source("down", last_error="nobody listens there"), door=source())
    assert texts(health=down, watched={"gate": NOON - HOUR}) == [
        "gate gives no picture since Mon 30 Mar 2026, 11:00 (Europe/Berlin): nobody listens there."
    ]
    [concern] = found(health=down)
    assert (concern.level, concern.page) == ("bad", "sources")
    assert concern.text == "gate gives no picture: nobody listens there."


def test_a_frozen_picture_is_said_with_the_time_since_when() -> None:
    stale = health(door=source("stale", last_error="an error of before"))
    assert texts(health=stale, watched={"door": NOON - MINUTE}) == [
        "door shows the same picture since Mon 30 Mar 2026, 15:29 (Asia/Kolkata)."
    ]


def test_a_source_that_is_switched_off_or_gone_is_no_worry() -> None:
    gone = health(gate=source("stopped"), old=source("down"), door=source("finished"))
    assert texts(health=gone) == []


def test_without_a_runner_nothing_is_watched_and_that_is_the_worst() -> None:
    said = texts(health=None, phase="ended", problem="no space left", problems=("line 3 is odd",))
    assert said == [
        "Nothing is being watched, the runner is not there: no space left.",
        "line 3 is odd.",
    ]


@pytest.mark.parametrize("phase", ["study", "preparing", "starting"])
def test_a_runner_that_is_not_to_be_there_yet_is_not_missed(phase: str) -> None:
    assert texts(health=None, phase=phase) == []


def test_without_sources_no_runner_is_missed() -> None:
    assert texts(health=None, phase="ended", configured={}) == []


def test_a_writer_in_trouble_is_worse_than_a_note() -> None:
    troubled = health(gate=source(note="no weights here: motion instead"))
    said = texts(health={**troubled, "database_trouble": "the disk is full"})
    assert said == [
        "What is seen cannot be written: the disk is full.",
        "gate: no weights here: motion instead.",
    ]


def test_pictures_that_are_looked_at_late_are_said() -> None:
    late = health(gate=source(delay_ms=12_500), door=source(live=False, delay_ms=10**9))
    assert texts(health=late) == ["gate is looked at 12 s late: this machine has too much to do."]


@pytest.mark.parametrize(
    ("disk", "is_said"),
    [
        (Disk(free=99 * GB, total=1000 * GB), True),  # under a tenth
        (Disk(free=101 * GB, total=1000 * GB), False),
        (Disk(free=2 * GB, total=4 * GB), True),  # half of it, but less than 2 GiB
        (Disk(free=3 * GB, total=4 * GB), False),
    ],
)
def test_a_disk_is_nearly_full_below_a_tenth_or_two_gigabytes(disk: Disk, is_said: bool) -> None:
    assert any("nearly full" in text for text in texts(disk=disk)) == is_said


def test_a_full_disk_says_how_long_it_lasts() -> None:
    [text] = texts(disk=Disk(free=8 * GB, total=100 * GB), bytes_a_day=2 * GB)
    assert text == (
        "The disk is nearly full: 8.0 GB of 100 GB are free,"
        " enough for about 4 days as the database grows now."
    )


def test_growth_is_said_only_where_it_fills_the_disk_soon_and_nothing_is_purged() -> None:
    [text] = texts(bytes_a_day=20 * GB)
    assert text == (
        "The database grows by 20 GB a day and nothing is ever removed:"
        " the disk is full in about 20 days."
    )
    assert texts(bytes_a_day=20 * GB, kept_days=30) == []
    assert texts(bytes_a_day=10 * GB) == []


def test_what_is_recorded_in_the_future_means_a_wrong_clock() -> None:
    [text] = texts(latest=NOON + 2 * HOUR)
    assert text == "Something is recorded 2 h in the future: a clock is or was wrong."


def test_what_is_bad_comes_before_what_is_only_a_warning() -> None:
    both = health(gate=source(note="motion instead"), door=source("failed", last_error="broken"))
    levels = [concern.level for concern in found(health=both, problems=("odd",))]
    assert levels == ["bad", "warning", "warning"]


def test_the_disk_of_a_database_that_is_not_there_yet_is_known(tmp_path: Path) -> None:
    disk = Disk.of(tmp_path / "not" / "yet" / "people.db")
    assert disk is not None and 0 < disk.free <= disk.total
