"""Rules decided by the record: live and over the past alike, across gaps and restarts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.running import Running, until
from tests.shops import a_shop, at
from tests.worlds import PLAZA, Gap, Walk, Watch, a_weekend, ms, write
from tracking.alerts import (
    Rule,
    Watchman,
    acknowledge,
    add,
    alerts,
    change,
    delete,
    find,
    open_alerts,
    past,
    problem_of,
    restore,
    rules,
    versions_of,
)
from tracking.alerts.gaps import Gap as Lost
from tracking.alerts.gaps import gaps_of
from tracking.database import open_database
from tracking.errors import RuleError
from tracking.filters import Filter
from tracking.metrics import measure, select
from tracking.retention import purge, remove_source

BERLIN = "Europe/Berlin"
DAY = 86_400_000


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_database(a_shop(tmp_path / "people.db"))) as connection:
        with connection:  # shapes that can be read; what happened there is known
            connection.execute("UPDATE zones SET polygon = '[[0, 0], [9, 0], [9, 9]]'")
            connection.execute("UPDATE lines SET points = '[[0, 0], [9, 0]]'")
        yield connection


def rule(kind: Any, **more: Any) -> Rule:
    return Rule(**{"name": "r", "kind": kind, **more})


def found(connection: sqlite3.Connection, one: Rule, since: int, until: int) -> list[Any]:
    return [
        (each.source, each.began, each.ended, each.evidence["tracks"])
        for each in past(connection, one, since, until).found
    ]


MORNING, NOON = at("08:00"), at("12:00")


def test_a_dwell_is_found_where_a_stay_is_longer(shop: sqlite3.Connection) -> None:
    long = rule("dwell", source="Warehouse", zone="Loading dock", over=600.0)
    assert found(shop, long, MORNING, NOON) == [
        ("Warehouse", at("11:15"), at("11:25"), [8])]  # fmt: skip
    assert found(shop, rule("dwell", over=299.0), MORNING, NOON) == [
        ("Warehouse", at("09:14:59"), at("09:20"), [7]),
        # a visit that broke is as long as all of it
        ("Entrance", at("09:44:59"), at("09:45"), [4]),
        ("Entrance", at("09:46"), at("09:50"), [5]),
        ("Warehouse", at("11:04:59"), at("11:30"), [8]),
    ]


def test_a_flow_counts_crossings_of_a_line_in_a_direction(shop: sqlite3.Connection) -> None:
    flow = rule("flow", source="Entrance", line="Front door", direction="in", over=1.0, minutes=15)
    assert found(shop, flow, MORNING, NOON) == [
        ("Entrance", at("09:40"), at("09:45"), [3, 4])]  # fmt: skip


def test_arrivals_are_those_of_visits(shop: sqlite3.Connection) -> None:
    shop.execute("UPDATE people_tracks SET visit_id = 4 WHERE visit_id = 100")
    one = rule("flow", source="Entrance", over=1.0, minutes=20)
    assert [row[1:] for row in found(shop, one, MORNING, NOON)] == [
        (at("09:40"), at("09:50"), [3, 4])]  # fmt: skip


def test_who_is_there_at_certain_times_is_found(shop: sqlite3.Connection) -> None:
    early = rule("presence", begins="00:00", ends="09:00", labels=("person",))
    assert found(shop, early, MORNING, NOON) == [
        ("Entrance", at("08:10"), at("08:12") + 1, [1])]  # fmt: skip


def test_a_source_that_is_down_is_found_by_its_coverage(shop: sqlite3.Connection) -> None:
    down = rule("down", over=600.0)
    (one,) = past(shop, down, MORNING, NOON).found
    assert (one.source, one.began, one.ended) == ("Warehouse", at("10:10"), at("11:00"))
    assert (one.value, one.peak) == (600.0, 3600.0)
    assert one.evidence["gaps"][0][0] == "down"
    assert found(shop, rule("down", over=600.0, states=("stale",)), MORNING, NOON) == []


def test_how_much_was_watched_is_said_with_what_was_found(shop: sqlite3.Connection) -> None:
    share = past(shop, rule("count", source="Warehouse", over=9.0), MORNING, NOON)
    assert (share.watched, share.possible) == (3 * 3600.0, 4 * 3600.0)
    assert past(shop, rule("count", source="Warehouse", over=9.0), 0, 3_600_000).share == 0


def test_the_peak_of_a_count_is_the_metrics_own(tmp_path: Path) -> None:
    with closing(open_database(a_weekend(tmp_path / "people.db"))) as connection:
        since, end = ms("2026-03-28T00:00+01:00"), ms("2026-03-30T00:00+02:00")
        for name in ("plaza", "station"):
            result = measure("occupancy_max", select(connection, Filter(since, end, (name,)), end))
            most = past(connection, rule("count", source=name, over=0.0), since, end)
            assert max(each.peak for each in most.found) == result.value


def test_a_rule_whose_zone_is_gone_finds_nothing_and_says_so(shop: sqlite3.Connection) -> None:
    lost = rule("count", source="Warehouse", zone="Cellar", over=0.0)
    assert problem_of(shop, lost) == "there is no zone 'Cellar' on Warehouse any more"
    assert past(shop, lost, MORNING, NOON).found == ()
    assert "nothing is recorded of roof" in str(problem_of(shop, rule("count", source="roof")))


# where gaps lie


def test_gaps_lie_where_neighbours_and_runs_say_and_else_anywhere(tmp_path: Path) -> None:
    gaps = (Gap("down", 90, 200), Gap("stale", 400, 410))
    database = write(tmp_path / "people.db", (Watch(PLAZA, "2026-03-02T12:00:00+01:00", 600,
                                                    (Walk("person", 0, 60, (9, 9), (9, 9)),),
                                                    gaps),))  # fmt: skip
    begin = ms("2026-03-02T12:00:00+01:00")
    with closing(open_database(database)) as connection:
        lost = gaps_of(connection, 0, begin, begin + 600_000)
    assert [(each.state, each.exact) for each in lost] == [
        ("down", True), ("down", True), ("down", True), ("stale", False)]  # fmt: skip
    assert abs(lost[0].since - begin - 90_000) <= 1000
    assert abs(lost[2].until - begin - 200_000) <= 1000
    assert [each.since for each in lost[1:3]] == [begin + 120_000, begin + 180_000]


def test_a_time_without_any_account_is_a_gap_of_its_own_kind(shop: sqlite3.Connection) -> None:
    assert gaps_of(shop, 0, at("07:58"), at("08:01")) == [
        Lost("none", at("07:58"), at("07:59")), Lost("none", at("07:59"), at("08:00"))]  # fmt: skip


# live


class Live:
    """A record that grows while a watchman looks at it once a second."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.watchman = Watchman(connection)

    def go(self, since: int, until: int, step: int = 1000, names: tuple[str, ...] = ()) -> None:
        """Look again and again, with what was recorded by then."""
        names = names or ("Entrance", "Warehouse")
        for now in range(since, until + 1, step):
            with self.connection:
                self.connection.execute("UPDATE runs SET ended_at = ?, outcome = NULL", (now,))
            self.watchman.look(now, names)
            assert self.watchman.problems == []


def began(connection: sqlite3.Connection) -> list[tuple[str, int, int | None]]:
    rows = alerts(connection, 0, 2 * 10**12)
    return sorted((each.source, each.started, each.ended) for each in rows)


ONE = Rule("one", "count", source="Entrance", over=0.0, hold=30.0, labels=("person",))


def test_live_and_past_find_the_same(shop: sqlite3.Connection) -> None:
    add(shop, ONE, at=0)
    Live(shop).go(at("09:00"), at("10:02"))
    whole = past(shop, ONE, at("08:59:58"), at("10:02"))
    assert began(shop) == [("Entrance", each.began, each.ended) for each in whole.found]
    assert len(began(shop)) == 4


def test_a_restart_neither_repeats_nor_loses_an_alert(shop: sqlite3.Connection) -> None:
    add(shop, ONE, at=0)
    Live(shop).go(at("09:00"), at("09:05:20"))
    assert began(shop) == []  # the hold time has begun
    Live(shop).go(at("09:05:40"), at("09:06"))
    (opened,) = open_alerts(shop)
    assert opened.started == at("09:05:30")
    Live(shop).go(at("09:06:30"), at("09:08"))
    assert began(shop) == [("Entrance", at("09:05:30"), at("09:07:05") + 1)]
    assert opened.tracks == [2]


def test_an_alert_keeps_what_it_was_decided_on(shop: sqlite3.Connection) -> None:
    made = add(shop, ONE, at=0)
    Live(shop).go(at("09:00"), at("09:06"))
    change(shop, "one", ONE.changed(over=5.0, name="five"), at=at("09:06"))
    (kept,) = alerts(shop, 0, 2 * 10**12)
    assert (kept.version, kept.name, kept.text) == (made.id, "one", ONE.words)
    assert (kept.value, kept.peak, kept.threshold) == (1.0, 1.0, 0.0)
    assert (kept.ended, kept.ending) == (at("09:06"), "the rule was changed")
    assert kept.evidence["since"] == at("09:05")


def test_a_camera_that_is_down_ends_nothing_until_it_is_known_again(
    shop: sqlite3.Connection,
) -> None:
    add(shop, Rule("busy", "count", source="Warehouse", over=0.0), at=0)
    with shop:
        shop.execute("UPDATE people_tracks SET last_seen = ? WHERE id = 7", (at("10:00") - 100,))
    live = Live(shop)
    live.go(at("09:59"), at("10:30"))
    assert [each.ended for each in open_alerts(shop)] == [None]
    live.go(at("10:30"), at("11:00:02"))
    assert len(open_alerts(shop)) == 1
    with shop:
        shop.execute("DELETE FROM people_tracks WHERE id = 8")
    live.go(at("11:00:03"), at("11:01"))
    assert open_alerts(shop) == []


def test_a_clock_that_is_set_back_repeats_nothing_and_goes_on(shop: sqlite3.Connection) -> None:
    add(shop, ONE.changed(hold=0.0), at=0)
    live = Live(shop)
    live.go(at("09:04"), at("09:06"))
    assert len(open_alerts(shop)) == 1
    live.go(at("08:30"), at("08:31"))
    (one,) = alerts(shop, 0, 2 * 10**12)
    assert one.ended == one.started  # no alert ends before it began
    live.go(at("08:31"), at("08:33"))
    assert len(began(shop)) == 1


def test_the_alerts_of_a_source_that_nobody_watches_any_more_end(shop: sqlite3.Connection) -> None:
    add(shop, ONE.changed(hold=0.0), at=0)
    live = Live(shop)
    live.go(at("09:04"), at("09:06"))
    live.go(at("09:06"), at("09:06"), names=("Warehouse",))
    (one,) = alerts(shop, 0, 2 * 10**12)
    assert (one.ended, one.ending) == (at("09:06"), "the source is no longer watched")


def test_what_is_not_of_now_raises_no_alert(shop: sqlite3.Connection) -> None:
    add(shop, ONE.changed(hold=0.0), at=0)
    with shop:
        shop.execute("UPDATE runs SET ended_at = ?", (at("09:06"),))
    for now in range(at("09:06") + DAY, at("09:07") + DAY, 1000):
        Watchman(shop).look(now, ("Entrance",))
    assert began(shop) == []


def test_a_paused_rule_finds_nothing_and_a_resumed_one_begins_then(
    shop: sqlite3.Connection,
) -> None:
    add(shop, ONE.changed(enabled=False, hold=0.0), at=0)
    live = Live(shop)
    live.go(at("09:04"), at("09:06"))
    change(shop, "one", ONE.changed(hold=0.0), at=at("09:06"))
    live.go(at("09:06"), at("09:08"))
    assert began(shop) == [("Entrance", at("09:05:58"), at("09:07:05") + 1)]


def test_one_rule_that_fails_does_not_keep_others_from_being_decided(
    shop: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tracking.alerts import evaluating

    add(shop, ONE.changed(name="bad"), at=0)
    add(shop, ONE.changed(hold=0.0), at=0)
    usual = evaluating.known

    def known(connection: Any, one: Rule, *rest: Any) -> Any:
        if one.name == "bad":
            raise ZeroDivisionError("on purpose")
        return usual(connection, one, *rest)

    monkeypatch.setattr(evaluating, "known", known)
    watchman = Watchman(shop)
    for now in range(at("09:04"), at("09:06"), 1000):
        with shop:
            shop.execute("UPDATE runs SET ended_at = ?", (now,))
        watchman.look(now, ("Entrance",))
    assert [each.name for each in open_alerts(shop)] == ["one"]
    assert watchman.problems == ["rule 'bad' at Entrance: ZeroDivisionError: on purpose"]


# rules and alerts are kept


def test_a_rule_is_changed_deleted_and_brought_back_version_by_version(
    shop: sqlite3.Connection,
) -> None:
    made = add(shop, ONE, at=1000)
    with pytest.raises(RuleError, match="a rule 'one' already"):
        add(shop, ONE)
    change(shop, "one", ONE.changed(over=2.0), at=2000)
    gone = delete(shop, str(made.number), at=3000)
    assert rules(shop) == []
    with pytest.raises(RuleError, match="no rule 'one'; there are none"):
        find(shop, "one")
    restore(shop, gone, at=4000)
    kept = [(each.rule.over, each.since, each.until) for each in versions_of(shop, made.number)]
    assert kept == [(0.0, 1000, 2000), (2.0, 2000, 3000), (2.0, 4000, None)]


def test_alerts_are_acknowledged_purged_and_removed_with_their_source(
    shop: sqlite3.Connection, tmp_path: Path
) -> None:
    add(shop, ONE, at=0)
    Live(shop).go(at("09:00"), at("10:02"))
    ids = [each.id for each in alerts(shop, 0, 2 * 10**12)]
    assert (acknowledge(shop, ids[:2], at=5), acknowledge(shop, ids)) == (2, 2)
    assert acknowledge(shop, ids[:1], on=False) == 1
    assert purge(tmp_path / "people.db", at("09:35")).finished
    assert [each[1] > at("09:30") for each in began(shop)] == [True, True]
    remove_source(tmp_path / "people.db", "Entrance")
    assert began(shop) == []


@pytest.mark.slow
def test_a_runner_raises_an_alert_of_what_it_sees_and_tells_it(tmp_path: Path) -> None:
    from tests.conftest import write_walk
    from tests.test_alerts_telling import Hook, webhook
    from tracking.config import add_channel

    clip = write_walk(tmp_path / "walk.avi", 600)
    with Hook() as hook, Running(tmp_path) as running:
        add_channel(running.config, webhook(hook.url))
        with closing(open_database(running.database)) as connection:
            add(connection, Rule("somebody", "count", over=0.0))
            running.add("walk", clip, realtime=True, loop=True)
            until(lambda: bool(hook.heard), 60, lambda: running.said)
            assert running.source("walk")["state"] == "ok"
            (one, *_) = alerts(connection, 0, 2 * 10**12)
    assert (one.source, one.name) == ("walk", "somebody")
    assert b'"started"' in hook.heard[0][1]
