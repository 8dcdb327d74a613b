"""When alerts begin and end: pure logic on scripted worlds, to the millisecond."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.worlds import ms
from tracking.alerts import Rule
from tracking.alerts.deciding import Began, Ended, Patience, Progress, Sample, decide, set_back
from tracking.alerts.rules import read_weekdays
from tracking.alerts.samples import Counting, happened, present, samples_of
from tracking.alerts.schedule import scheduled
from tracking.errors import RuleError

ALWAYS = [(0, 1_000_000)]


def rule(kind: Any = "count", **more: Any) -> Rule:
    return Rule(**{"name": "r", "kind": kind, "over": 1.0, **more})


def story(*parts: tuple[int, bool | None], until: int, **patience: int) -> list[tuple[str, int]]:
    """What happens where a condition is so from each time on; seconds."""
    samples = [Sample(1000 * t, met, 2.0) for t, met in parts]
    waits = Patience(*(1000 * patience.get(name, 0) for name in ("hold", "quiet")))
    _, changes = decide(Progress(0), waits, samples, 1000 * until)
    return [(type(each).__name__, each.t // 1000) for each in changes]


def test_an_alert_begins_when_its_condition_is_met_and_ends_when_it_is_not() -> None:
    assert story((0, False), (10, True), (20, False), until=30) == [("Began", 10), ("Ended", 20)]


def test_a_condition_must_hold_without_a_break() -> None:
    broken = ((0, False), (10, True), (14, False), (15, True), (22, False))
    assert story(*broken, until=60, hold=5) == [("Began", 20), ("Ended", 22)]
    assert story((0, True), (5, False), until=60, hold=5) == []


def test_no_alert_begins_within_the_quiet_time_after_one() -> None:
    parts = ((0, True), (10, False), (12, True), (15, False), (18, True))
    assert story(*parts, until=60, quiet=10) == [("Began", 0), ("Ended", 10), ("Began", 20)]


def test_what_is_not_known_neither_begins_nor_ends_anything() -> None:
    assert story((0, True), (10, None), (500, True), (510, False), until=600) == [
        ("Began", 0), ("Ended", 510)]  # fmt: skip
    assert story((0, None), until=600) == []


def test_a_short_time_without_knowledge_is_left_out_of_the_hold_time() -> None:
    assert story((0, True), (4, None), (30, True), until=60, hold=10) == [("Began", 36)]


def test_after_a_minute_without_knowledge_the_hold_time_begins_anew() -> None:
    assert story((0, True), (4, None), (65, True), until=90, hold=10) == [("Began", 75)]


def test_it_makes_no_difference_in_how_many_steps_it_is_decided() -> None:
    samples = [Sample(t * 700, t % 7 < 4, float(t)) for t in range(60)]
    waits = Patience(2000, 5000)
    whole = decide(Progress(0), waits, samples, 50_000)
    progress, changes = Progress(0), []
    for begin in range(0, 50_000, 250):
        part = [each for each in samples if begin <= each.t < begin + 250]
        progress, new = decide(progress, waits, part, begin + 250)
        changes += new
    assert (progress, changes) == whole
    assert len(changes) == 9


def test_an_alert_says_since_when_and_how_high_it_went() -> None:
    samples = [Sample(0, True, 3.0), Sample(4000, True, 7.0), Sample(9000, False, 1.0)]
    _, changes = decide(Progress(0), Patience(2000), samples, 10_000)
    assert changes == [Began(2000, 0, 3.0), Ended(9000, 7.0)]


def test_a_clock_that_is_set_back_leaves_an_open_alert_open_and_no_long_quiet() -> None:
    before = Progress(9_000_000, True, 2.0, 0, 5, 0, opened=8_000_000, peak=4.0)
    after = set_back(before, Patience(0, 60_000), 1_000_000)
    assert (after.until, after.opened, after.peak, after.met) == (1_000_000, 8_000_000, 4.0, None)
    quiet = set_back(Progress(9_000_000, quiet_until=9_050_000), Patience(0, 60_000), 1_000_000)
    assert quiet.quiet_until == 1_060_000


def states(found: list[Sample]) -> list[tuple[int, bool | None, float]]:
    return [(each.t, each.met, each.value) for each in found]


def test_a_count_is_of_those_there_at_the_same_moment_ends_included() -> None:
    stays = [(1, 0, 5000), (2, 5000, 9000), (3, 20_000, 20_000)]
    found = samples_of(rule(), present(rule(), stays), [], ALWAYS, 0, 30_000)
    assert states(found) == [(0, False, 1.0), (5000, True, 2.0), (5001, False, 1.0)]


def test_a_flow_is_what_happened_within_its_window() -> None:
    flow = rule("flow", minutes=1, over=2.0)
    happens = happened(flow, [(n, t) for n, t in enumerate((0, 20_000, 40_000, 90_000))])
    found = samples_of(flow, happens, [], ALWAYS, 0, 300_000)
    assert [(each.t, each.met) for each in found] == [
        (0, False), (40_000, True), (60_000, False)]  # fmt: skip


def test_a_stay_counts_from_when_it_is_too_long_and_says_how_long_it_was() -> None:
    dwell = rule("dwell", over=10.0)
    counting = present(dwell, [(1, 0, 10_000), (2, 5000, 45_000)])
    found = samples_of(dwell, counting, [], ALWAYS, 0, 60_000)
    assert states(found) == [(0, False, 0.0), (15_000, True, 10.0), (45_000, False, 40.0)]
    assert counting.at(16_000) == [2]


def test_that_nobody_is_seen_in_a_gap_or_beside_it_says_nothing_but_who_is_seen_counts() -> None:
    one = rule("presence", over=0.0, begins="00:00", ends="24:00")
    counting = present(one, [(1, 5000, 9000), (2, 22_000, 26_000)])
    found = samples_of(one, counting, [(10_000, 30_000)], ALWAYS, 0, 60_000)
    assert [(each.t, each.met) for each in found] == [
        (0, False), (5000, True), (7000, True), (9001, None), (22_000, True), (26_001, None),
        (33_000, False),
    ]  # fmt: skip


def test_outside_its_times_a_rule_is_not_met() -> None:
    found = samples_of(rule(over=0.0), present(rule(), [(1, 0, 50_000)]), [],
                       [(10_000, 20_000)], 0, 60_000)  # fmt: skip
    assert [(each.t, each.met) for each in found] == [(0, False), (10_000, True), (20_000, False)]


def test_nothing_at_all_is_a_sample_that_says_so() -> None:
    assert states(samples_of(rule(), Counting(), [], ALWAYS, 5, 10)) == [(5, False, 0.0)]
    assert samples_of(rule(), Counting(), [], ALWAYS, 10, 10) == []


def between(begins: str, ends: str, days: str, since: str, until: str) -> list[tuple[str, str]]:
    timed = rule(begins=begins, ends=ends, weekdays=read_weekdays(days))
    spans = scheduled(timed, ms(since), ms(until), "Europe/Berlin")
    moments = np.array(spans).ravel().astype("datetime64[ms]")
    texts = [str(each)[5:16] for each in moments]
    return list(zip(texts[::2], texts[1::2], strict=True))


def test_times_across_midnight_belong_to_the_day_on_which_they_begin() -> None:
    friday = between("22:00", "06:00", "fri", "2026-03-02T00:00+01:00", "2026-03-09T00:00+01:00")
    assert friday == [("03-06T21:00", "03-07T05:00")]
    begun = between("22:00", "06:00", "fri", "2026-03-07T03:00+01:00", "2026-03-08T00:00+01:00")
    assert begun == [("03-07T02:00", "03-07T05:00")]


def test_times_are_those_of_the_clock_on_the_wall_when_it_changes() -> None:
    spring = between("01:30", "03:30", "", "2026-03-29T00:00+01:00", "2026-03-30T00:00+02:00")
    assert spring == [("03-29T00:30", "03-29T01:30")]  # an hour is left out
    autumn = between("01:30", "03:30", "", "2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00")
    assert autumn == [("10-24T23:30", "10-25T02:30")]  # an hour comes twice
    left_out = between("02:15", "02:45", "", "2026-03-29T00:00+01:00", "2026-03-30T00:00+02:00")
    assert left_out == []
    twice = between("02:15", "02:45", "", "2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00")
    assert twice == [("10-25T00:15", "10-25T00:45"), ("10-25T01:15", "10-25T01:45")]


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"name": " "}, "needs a name"),
        ({"kind": "crowd"}, "no rule of kind 'crowd'"),
        ({"over": -1.0}, "over must be 0 or more"),
        ({"over": float("nan")}, "over must be 0 or more"),
        ({"kind": "flow"}, "1 to 1440 minutes"),
        ({"minutes": 5}, "only a flow has a window"),
        ({"zone": "hall"}, "needs a source"),
        ({"source": "a", "line": "door"}, "a line has only a flow"),
        ({"direction": "in"}, "only crossings of a line"),
        ({"kind": "dwell", "over": 0.0}, "needs a length of time"),
        ({"kind": "down", "labels": ("person",)}, "not about a zone, a line or labels"),
        ({"kind": "presence", "over": 0.0}, "needs its times"),
        ({"begins": "22:00"}, "needs both ends"),
        ({"begins": "9:00", "ends": "10:00"}, "no time of day; write it like 22:00"),
        ({"weekdays": (7,)}, "weekdays are 0"),
        ({"hold": 1e9}, "no length of time may be more than 7 days"),
    ],
)
def test_a_rule_that_cannot_be_is_told_in_words(settings: dict[str, Any], why: str) -> None:
    with pytest.raises(RuleError, match=why):
        Rule.of({"name": "r", "kind": "count", "over": 1.0, **settings})


def test_a_rule_is_the_same_after_json() -> None:
    made = rule("flow", source="hall", line="door", direction="in", minutes=5, over=20.0,
                labels=("person",), channels=("pager",), weekdays=(0, 4))  # fmt: skip
    assert Rule.of_json(made.as_json()) == made
    for wrong in ("[]", "{", '{"name": "r", "kind": "count", "colour": 1}', '{"name": 1}'):
        with pytest.raises(RuleError):
            Rule.of_json(wrong)


def test_a_rule_says_itself_in_words() -> None:
    assert rule(over=5.0, source="hall", zone="till", hold=90.0, quiet=3600.0).words == (
        "more than 5 objects at once in till at hall, for 1 min 30 s on end; then quiet for 1 h"
    )
    night = rule("presence", over=0.0, labels=("person",), begins="22:00", ends="06:00",
                 weekdays=(4, 5))  # fmt: skip
    assert night.words == "person at any source between 22:00 and 06:00 on Fri, Sat"
