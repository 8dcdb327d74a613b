"""The page of the alerts, and the command line: what a person sees and does there."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT
from tests.shops import a_shop, at
from tests.test_alerts_telling import Hook, begin_alert, webhook
from tests.worlds import HOSTILE, a_hostile_one, a_weekend, an_empty_one, ms
from tracking.alerts import Rule, add, alerts, open_alerts, past, rules
from tracking.config import add_channel, load_channels
from tracking.dashboard.alerting import going_on
from tracking.dashboard.overview.attention import Situation, concerns
from tracking.dashboard.wording import plain
from tracking.database import open_database, open_readonly
from tracking.times import now_ms

Here = Callable[..., subprocess.CompletedProcess[str]]
DAY = "2026-11-20T00:00:00+01:00/2026-11-21T00:00:00+01:00"


class Page:
    """The page as a person has it before them."""

    def __init__(self, view: str = "history", **query: str) -> None:
        self.app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
        self.app.switch_page("pages/alerts.py")
        for name, value in query.items():
            self.app.query_params[name] = value
        self.app.run()
        self.well()
        if view != "history":
            self.app.get_by_key("alerts.view").set_value(view).run()
            self.well()

    @property
    def text(self) -> str:
        """As it is read: what keeps it from being Markdown is not seen."""
        return self.markdown.replace("\\", "").replace("&#58;", ":")

    @property
    def markdown(self) -> str:
        app = self.app
        parts = [app.title, app.subheader, app.markdown, app.caption, app.warning, app.error,
                 app.info, app.success]  # fmt: skip
        return "\n".join(str(element.value) for part in parts for element in part)

    def well(self) -> Page:
        assert not self.app.exception
        return self

    def click(self, key: str) -> Page:
        self.app.button(key=self.key(key)).click().run()
        return self.well()

    def fill(self, key: str, value: object) -> Page:
        self.app.get_by_key(self.key(key)).set_value(value).run()
        return self.well()

    def key(self, ending: str) -> str:
        keys = [str(each.key) for each in self.app if getattr(each, "key", None)]
        found = [key for key in keys if key.endswith(ending)]
        assert len(found) == 1, (ending, keys)
        return found[0]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return a_shop(tmp_path / "people.db")


def written(database: Path, *made: Rule) -> list[int]:
    with closing(open_database(database)) as connection:
        return [add(connection, each).id for each in made]


def with_alert(database: Path, t: int) -> None:
    (version,) = written(database, Rule("full", "count", over=2.0))
    with closing(open_database(database)) as connection:
        begin_alert(connection, version, t)


def read(database: Path) -> sqlite3.Connection:
    return open_readonly(database)


def test_a_newcomer_is_told_what_to_do(tmp_path: Path) -> None:
    assert "Nothing is recorded yet" in Page().text
    an_empty_one(tmp_path / "people.db")
    assert "Nothing is recorded yet" in Page().text


def test_where_there_is_no_alert_and_no_rule_that_is_said(shop: Path) -> None:
    assert "No alert goes on" in Page().text
    assert "No alert in that time. No rule is at work: add one" in Page().text
    assert "No rule yet. A rule says when" in Page("rules").text
    assert "kept and shown here" in Page("channels").text


def test_a_database_of_before_there_were_alerts_is_shown(shop: Path) -> None:
    with closing(sqlite3.connect(shop)) as connection, connection:
        for table in ("alert_deliveries", "alerts", "alert_progress", "alert_rules"):
            connection.execute(f"DROP TABLE {table}")
    for view in ("history", "rules", "channels"):
        assert "Alerts" in Page(view).text


def test_an_open_alert_is_shown_and_acknowledged(shop: Path) -> None:
    with_alert(shop, at("12:00"))
    page = Page(range=DAY)
    assert "**full**" in page.text
    assert "3 at most, allowed are 2" in page.text
    page.click("alerts.ack.1")
    with closing(read(shop)) as connection:
        assert open_alerts(connection)[0].acknowledged is not None


def test_the_chosen_alert_says_what_it_was_decided_on(shop: Path) -> None:
    with_alert(shop, at("12:00"))
    page = Page(range=DAY)
    (table, tracks) = page.app.dataframe
    shown = ["full", "Entrance", "", "Fri 20 Nov 2026, 12:00:00", "goes on", "3", "2", "", ""]
    assert table.value.iloc[0].tolist() == shown
    assert tracks.value["track"].tolist() == [1, 2, 3]
    assert "Told to nobody" in page.text
    links = [link.proto.label for link in page.app.get("page_link")]
    assert "Activity of that time" in links
    assert "source=Entrance" in page.app.get("page_link")[0].proto.query_string


def test_a_filter_that_matches_nothing_says_so(shop: Path) -> None:
    with_alert(shop, at("12:00"))
    day_before = Page(range="2026-11-19T00:00/2026-11-20T00:00")
    assert "No alert in that time." in day_before.text
    assert "No rule is at work" not in day_before.text
    other = Page(range=DAY, source="Warehouse")
    assert "No alert goes on" in other.text


def test_a_rule_is_tried_on_the_past_before_it_is_kept(shop: Path) -> None:
    page = Page("rules").click("alerts.add").fill(".name", "night").fill(".over.count", 0)
    with closing(read(shop)) as connection:
        end = now_ms()
        share = past(connection, Rule("night", "count"), end - 30 * 86_400_000, end)
    assert ("It would have fired" in page.text) == bool(share.watched)
    assert "more than 0 objects at once at any source" in page.text
    page.click(".keep")
    with closing(read(shop)) as connection:
        (kept,) = rules(connection)
    assert (kept.rule.name, kept.rule.over, kept.rule.quiet) == ("night", 0.0, 60.0)
    assert "**night**" in page.text


def test_the_count_of_the_preview_is_that_of_the_rows(tmp_path: Path) -> None:
    from tracking.dashboard.alerting.form import said

    with closing(open_readonly(a_weekend(tmp_path / "people.db"))) as connection:
        since, end = ms("2026-03-28T00:00+01:00"), ms("2026-03-30T00:00+02:00")
        found = past(connection, Rule("r", "count", source="plaza", over=1.0), since, end)
        # independent of it: moments at which somebody comes while exactly one other is there
        (count,) = connection.execute(
            "SELECT count(*) FROM people_tracks AS one WHERE source_id = 0 AND 1 ="
            " (SELECT count(*) FROM people_tracks AS other WHERE other.source_id = 0"
            " AND other.id <> one.id AND other.first_seen <= one.first_seen"
            " AND other.last_seen >= one.first_seen)"
        ).fetchone()
    assert len(found.found) == count == 1
    assert said(found, "2 days").startswith("It would have fired **once** in the last 2 days")


def test_a_rule_is_changed_paused_deleted_and_brought_back(shop: Path) -> None:
    (number,) = written(shop, Rule("full", "count", over=2.0))
    page = Page("rules").click(f"alerts.edit.{number}").fill(".over.count", 7).click(".keep")
    assert "More than 7 objects" in page.text
    assert "Paused" not in page.text
    page.click(f"alerts.pause.{number}")
    assert [button.label for button in page.app.button if "pause" in str(button.key)] == ["Resume"]
    page.click(f"alerts.delete.{number}")
    assert "was deleted; its alerts stay" in page.text
    page.click("alerts.undo")
    with closing(read(shop)) as connection:
        (kept,) = rules(connection)
    assert (kept.number, kept.rule.over, kept.rule.enabled) == (number, 7.0, False)


def test_a_name_that_is_taken_is_said(shop: Path) -> None:
    written(shop, Rule("full", "count", over=2.0))
    page = Page("rules").click("alerts.add").fill(".name", "full").click(".keep")
    assert "There is a rule" in page.text


def test_a_rule_that_finds_nothing_says_why(shop: Path) -> None:
    written(shop, Rule("r", "count", source="Warehouse", zone="Cellar"))
    assert "There is no zone" in Page("rules").text


def test_a_channel_is_added_tried_and_removed_and_shows_no_secret(shop: Path) -> None:
    config = shop.parent / "sources.toml"
    with Hook(200, 500) as hook:
        page = Page("channels").click("alerts.channel.add")
        page.fill(".0.name", "pager").fill(".url", f"{hook.url}/t0ken").fill(".secret", "s3cret")
        page.click(".0.keep")
        assert [each.name for each in load_channels(config).all] == ["pager"]
        assert "It arrived: answered 200" in page.click("test.pager").text
        assert "did not arrive: answered 500" in page.click("test.pager").text
    assert json.loads(hook.heard[0][1])["event"] == "test"
    shown = page.text + "\n".join(str(each.proto) for each in page.app if hasattr(each, "proto"))
    assert "t0ken" not in shown
    assert "s3cret" not in shown
    page.click("remove.pager").click("sure.pager")
    assert load_channels(config).all == ()


def test_hostile_names_are_shown_as_they_are(tmp_path: Path) -> None:
    database = a_hostile_one(tmp_path / "people.db")
    for number, text in enumerate(HOSTILE):
        name = f"{number} {text}"[:200]
        (version,) = written(database, Rule(name, "count", labels=(text[:200],)))
        with closing(open_database(database)) as connection, connection:
            begin_alert(connection, version, ms("2026-03-28T12:00:30+01:00") + number)
            connection.execute("UPDATE alerts SET name = ?, text = ?", (text, text))
    for view in ("history", "rules"):
        page = Page(view)
        assert plain(HOSTILE[0]) in page.markdown
        assert "<script>" not in page.markdown


def test_the_overview_says_what_goes_on_until_it_is_acknowledged(shop: Path) -> None:
    with_alert(shop, at("12:00"))
    (told,) = going_on.in_words(shop)
    assert told == ("full: more than 2, at Entrance since Fri 20 Nov 2026, 12:00 (Europe/Berlin)")
    (concern,) = concerns(Situation(now=at("12:01"), phase="running", alerts=(told,)))
    assert (concern.level, concern.page, concern.text) == ("bad", "alerts", f"{told}.")
    Page(range=DAY).click("alerts.ack.1")
    assert going_on.in_words(shop) == ()


# the command line


def test_rules_are_made_changed_listed_and_deleted(tracking_here: Here, shop: Path) -> None:
    made = tracking_here("alerts", "add", "till", "count", "--source", "Entrance", "--over", 5,
                         "--hold", 10, "--labels", "person", "--weekdays", "mon-fri",
                         "--db", shop)  # fmt: skip
    assert (made.returncode, made.stderr) == (0, "")
    assert "more than 5 person at once at Entrance on Mon, Tue, Wed, Thu, Fri" in made.stdout
    assert tracking_here("alerts", "edit", "till", "--over", 7, "--pause", "--db", shop).stdout
    (kept,) = json.loads(tracking_here("alerts", "rules", "--json", "--db", shop).stdout)
    assert (kept["over"], kept["enabled"], kept["weekdays"]) == (7.0, False, [0, 1, 2, 3, 4])
    assert "paused" in tracking_here("alerts", "rules", "--db", shop).stdout
    assert tracking_here("alerts", "delete", "till", "--yes", "--db", shop).returncode == 0
    assert "There is no rule" in tracking_here("alerts", "rules", "--db", shop).stdout


def test_the_past_is_tested_and_nothing_is_kept(tracking_here: Here, shop: Path) -> None:
    written(shop, Rule("down", "down", over=600.0))
    window = ("--since", "2026-11-20T07:00Z", "--until", "2026-11-20T11:00Z")
    done = tracking_here("alerts", "test", "down", *window, "--db", shop)
    assert "down would have fired 1 time: down or frozen for longer than 10 min" in done.stdout
    assert "Warehouse" in done.stdout
    told = json.loads(
        tracking_here("alerts", "test", "down", *window, "--json", "--db", shop).stdout
    )
    assert [each["began"] for each in told["found"]] == [at("10:10")]
    with closing(read(shop)) as connection:
        assert alerts(connection, 0, 2 * 10**12) == []


def test_alerts_are_listed(tracking_here: Here, shop: Path) -> None:
    assert "No alert" in tracking_here("alerts", "list", "--db", shop).stdout
    with_alert(shop, now_ms())
    assert "goes on" in tracking_here("alerts", "list", "--db", shop).stdout
    (one,) = json.loads(tracking_here("alerts", "list", "--open", "--json", "--db", shop).stdout)
    assert (one["name"], one["evidence"]["tracks"]) == ("full", [1, 2, 3])


def test_channels_are_listed_and_tried(tracking_here: Here, tmp_path: Path) -> None:
    config = tmp_path / "sources.toml"
    assert "no [[channels]]" in tracking_here("alerts", "channels").stdout
    with Hook(200, 500) as hook:
        add_channel(config, webhook(f"{hook.url}/t0ken"))
        assert f"{hook.url}/***" in tracking_here("alerts", "channels").stdout
        assert tracking_here("alerts", "send", "pager").stdout.strip() == "pager: answered 200"
        failed = tracking_here("alerts", "send", "pager")
    assert (failed.returncode, failed.stderr.count("\n")) == (1, 1)
    assert "t0ken" not in failed.stderr


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (("add", "r", "flow"), "its window must have 1 to 1440 minutes"),
        (("add", "r", "count", "--zone", "hall"), "needs a source"),
        (("add", "r", "presence", "--from", "25:00", "--to", "06:00"), "write it like 22:00"),
        (("add", "r", "count", "--weekdays", "someday"), "no weekday"),
        (("edit", "r", "--over", "2"), "no rule 'r'; there are none"),
        (("delete", "r"), "no rule 'r'"),
        (("test", "r"), "no rule 'r'"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    command: tuple[str, ...], why: str, tracking_here: Here, shop: Path
) -> None:
    done = tracking_here("alerts", *command, "--db", shop)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert why in done.stderr


def test_no_database_is_made_by_a_typing_error(tracking_here: Here, tmp_path: Path) -> None:
    assert tracking_here("alerts", "add", "r", "count", "--db", tmp_path / "no.db").returncode == 1
    assert not (tmp_path / "no.db").exists()
