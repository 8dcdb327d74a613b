"""The page Ask as a person has it before them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT
from tests.worlds import HOSTILE, a_hostile_one, a_weekend, an_empty_one, ms
from tracking.ask import history
from tracking.ask.answer import Answer, Reading
from tracking.ask.parsing.parser import read
from tracking.ask.plan import Plan, Span
from tracking.ask.reading import Read
from tracking.ask.saying import say_plan
from tracking.ask.world import Place, World, world_of
from tracking.dashboard.ask import change, words
from tracking.dashboard.ask import links as ask_links
from tracking.dashboard.ask.examples import examples
from tracking.dashboard.wording import plain
from tracking.database import open_database, open_readonly
from tracking.errors import SettingsError
from tracking.filters import read_choice
from tracking.study import write_study
from tracking.times import now_ms

SUNDAY = Span(ms("2026-03-29T00:00:00+01:00"), ms("2026-03-30T00:00:00+02:00"), "Sunday")
AT_PLAZA = Plan("visits", SUNDAY, "Europe/Berlin", sources=("plaza",), labels=("person",))
VISITORS = "How many people were seen at plaza on 29 March 2026?"


def page(model: Any = None, **query: Any) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.switch_page("pages/ask.py")
    if model is not None:
        app.session_state["ask.model"] = model
    for key, value in query.items():
        app.query_params[key] = value
    return well(app.run())


def well(app: AppTest) -> AppTest:
    assert not app.exception
    return app


def text(app: AppTest) -> str:
    parts = (app.title, app.subheader, app.markdown, app.caption, app.info, app.warning,
             app.error, app.code)  # fmt: skip
    return "\n".join(str(element.value) for part in parts for element in part)


def ask(app: AppTest, question: str) -> AppTest:
    return well(app.chat_input[0].set_value(question).run())


def press(app: AppTest, label: str) -> AppTest:
    """Press the last button with this on it."""
    found = [button for button in app.button if label in button.label]
    assert found, [button.label for button in app.button]
    return well(found[-1].click().run())


def panel(app: AppTest, name: str) -> AppTest:
    """Open a part of the last answer's working."""
    pills = [each for each in app.get("button_group") if str(each.key).startswith("ask.panel")]
    return well(pills[-1].set_value(name).run())


def kept(path: Path) -> list[history.Kept]:
    with closing(open_readonly(path)) as connection:
        return history.questions(connection)


def visits_of(path: Path, where: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        ((count,),) = connection.execute(
            "SELECT count(DISTINCT coalesce(-visit_id, people_tracks.id)) FROM people_tracks"
            f" JOIN sources ON sources.id = source_id WHERE {where}"
        )
    return int(count)


@pytest.fixture
def weekend(tmp_path: Path) -> Path:
    return a_weekend(tmp_path / "people.db")


# before anything was asked


def test_with_no_database_it_says_that_there_is_nothing_to_ask_about() -> None:
    app = page()
    assert "nothing to ask about" in text(app)
    assert not app.chat_input


def test_an_empty_database_says_the_same(tmp_path: Path) -> None:
    an_empty_one(tmp_path / "people.db")
    assert "nothing to ask about" in text(page())


def test_it_begins_with_questions_that_can_be_answered(weekend: Path) -> None:
    app = page()
    offered = [button for button in app.button if str(button.key).startswith("ask.example")]
    assert len(offered) == 6
    assert "without any model" in text(app)
    well(offered[0].click().run())
    assert app.subheader
    assert not [button for button in app.button if str(button.key).startswith("ask.example")]


def test_every_example_is_read_whatever_the_record_holds(weekend: Path, tmp_path: Path) -> None:
    with closing(open_readonly(weekend)) as connection:
        known = world_of(connection, ms("2026-03-29T20:00:00+02:00"))
    a_hostile_one(tmp_path / "hostile.db")
    with closing(open_readonly(tmp_path / "hostile.db")) as connection:
        hostile = world_of(connection, now_ms())
    with_places = replace(
        known,
        zones=(Place("Storage", "plaza"),),
        lines=(Place("Front door", "plaza", ("in", "out")),),
    )
    later = replace(known, now=now_ms())
    for world in (known, with_places, later, hostile, World(now_ms())):
        offered = examples(world)
        assert offered
        assert all(isinstance(read(question, world), Read) for question in offered)
    assert any("Storage" in question for question in examples(with_places))
    assert any("Front door" in question for question in examples(with_places))


# questions and answers


def test_an_answer_is_what_sql_counts_and_shows_its_working(weekend: Path) -> None:
    app = ask(page(), VISITORS)
    day = f"first_seen < {SUNDAY.until} AND last_seen >= {SUNDAY.since}"
    count = visits_of(weekend, f"{day} AND sources.name = 'plaza' AND label = 'person'")
    assert app.subheader[0].value.startswith(f"{count} visits")
    shown = text(app)
    assert "Sun 29 Mar 2026" in shown
    assert plain("Europe/Berlin") in shown
    assert "watched" in shown
    assert "Read as" in shown
    assert "Answered by the built-in parser in" in shown
    assert "Different objects" in text(panel(app, "definition"))
    sql = panel(app, "sql").code[-1].value
    with closing(sqlite3.connect(weekend)) as connection:
        ((found, *_),) = connection.execute(sql).fetchall()
    assert found == count


def test_the_definition_is_told_on_hover(weekend: Path) -> None:
    app = ask(page(), VISITORS)
    hints = [each.proto.help for each in app.caption if each.proto.help]
    assert any("Different objects that were seen" in hint for hint in hints)


def test_a_follow_up_goes_on_from_the_answer_before(weekend: Path) -> None:
    app = ask(ask(page(), VISITORS), "and at station?")
    shown = text(app)
    assert "people at plaza" in shown
    assert "people at station" in shown
    assert len(app.chat_message) == 4
    press(app, "New conversation")
    assert not app.subheader


def test_only_the_latest_answer_is_open_and_earlier_ones_can_be_opened(weekend: Path) -> None:
    app = ask(ask(page(), VISITORS), "How many cars were seen on 28 March 2026?")
    assert len([b for b in app.button if b.label == "Change"]) == 1
    press(app, "Open")
    assert len([b for b in app.button if b.label == "Change"]) == 2


def test_a_question_that_is_not_understood_names_the_word_and_offers_others(weekend: Path) -> None:
    app = ask(page(), "how many women came in?")
    (warning,) = app.warning
    assert ":orange-background[women]" in warning.value
    offered = [b for b in app.button if str(b.key).startswith("ask.suggestion")]
    assert offered
    well(offered[0].click().run())
    assert not app.warning or len(app.chat_message) == 4
    assert len(app.chat_message) == 4


def test_nothing_recorded_none_and_not_understood_do_not_look_alike(weekend: Path) -> None:
    nothing = ask(page(), "How many people were seen on 2 January 2026?")
    assert "Nothing was recorded" in nothing.info[0].value
    assert "There are recordings from" in nothing.info[0].value
    assert not nothing.subheader
    none = ask(page(), "How many cars were seen at yard on 29 March 2026?")
    assert not none.info
    assert none.subheader[0].value.startswith("None")
    assert "recorded, and none" in text(none)


def test_the_tracks_behind_an_answer_are_listed_with_the_way_of_the_first(weekend: Path) -> None:
    app = panel(ask(page(), VISITORS), "tracks")
    (shown,) = (frame.value for frame in app.dataframe)
    assert len(shown) == 6
    assert set(shown["source"]) == {"plaza"}
    charts = app.get("plotly_chart")
    assert any("begin" in chart.proto.spec for chart in charts)


def test_tracks_one_by_one_are_a_table_with_a_way(weekend: Path) -> None:
    app = ask(page(), "Which people stayed the longest on 28 March 2026?")
    shown = app.dataframe[0].value
    assert shown["stay"].iloc[0] == "10 min"
    assert any("begin" in chart.proto.spec for chart in app.get("plotly_chart"))


def test_groups_are_a_table_and_a_chart(weekend: Path) -> None:
    app = ask(page(), "How many people were seen on 29 March 2026 by source?")
    (table,) = (frame.value for frame in app.dataframe)
    counts = dict(zip(table["source"], table["visits"], strict=True))
    day = [ms(f"2026-03-{day}T00:00:00+00:00") for day in (29, 30)]  # of several zones: of UTC
    for name in ("plaza", "station"):
        where = f"first_seen < {day[1]} AND last_seen >= {day[0]} AND label = 'person'"
        assert counts[name] == visits_of(weekend, f"{where} AND sources.name = '{name}'")
    assert app.get("plotly_chart")


def test_an_answer_links_to_the_pages_with_its_filters(weekend: Path) -> None:
    app = panel(ask(page(), VISITORS), "link")
    links = {link.proto.label: link.proto.query_string for link in app.get("page_link")}
    assert set(links) == {"Open in Activity", "Open in Movement"}
    assert "source=plaza" in links["Open in Activity"]
    assert "label=person" in links["Open in Activity"]
    assert any("?q=" in code.value for code in app.code)


# zones and lines


def with_places(path: Path) -> Path:
    """A zone at plaza in which everybody stays for half a minute, and a line they cross."""
    with closing(open_database(path)) as connection, connection:
        (plaza,) = connection.execute("SELECT id FROM sources WHERE name = 'plaza'").fetchone()
        connection.execute(
            "INSERT INTO zones (source_id, name, polygon, valid_from) VALUES (?, 'Counter', '', 0)",
            (plaza,),
        )
        connection.execute(
            "INSERT INTO lines (source_id, name, points, forward, backward, valid_from)"
            " VALUES (?, 'Gate', '', 'in', 'out', 0)",
            (plaza,),
        )
        connection.execute(
            "INSERT INTO zone_stays SELECT id, 1, first_seen, first_seen + 30000"
            " FROM people_tracks WHERE source_id = ? AND label = 'person'",
            (plaza,),
        )
        connection.execute(
            "INSERT INTO crossings SELECT id, 1, first_seen + 5000, iif(id % 2, 'in', 'out')"
            " FROM people_tracks WHERE source_id = ? AND label = 'person'",
            (plaza,),
        )
    return path


def test_an_answer_about_a_zone_opens_in_activity_with_the_same_number(weekend: Path) -> None:
    with_places(weekend)
    app = ask(page(), "How many people stayed in Counter for at least 20 seconds in total?")
    assert app.subheader[0].value.startswith("9 visits"), text(app)
    panel(app, "link")
    (link,) = app.get("page_link")
    assert link.proto.label == "Open in Activity"  # Movement shows all tracks
    query = parse_qs(link.proto.query_string)
    assert (query["area"], query["stay"]) == (["Counter"], ["20-"])
    shown = elsewhere("activity", **query)
    assert {each.label: each.value for each in shown.metric}["Visits"] == "9"
    assert plain("in Counter; at least 20 s") in text(shown)


def elsewhere(name: str, **query: Any) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.switch_page(f"pages/{name}.py")
    for key, value in query.items():
        app.query_params[key] = value
    return well(app.run())


@pytest.mark.parametrize("name", ["overview", "movement", "data"])
def test_pages_say_what_is_chosen_of_zones_and_stays(name: str, weekend: Path) -> None:
    with_places(weekend)
    app = elsewhere(name, range="all", area="Counter", stay="20-")
    assert plain("in Counter; at least 20 s") in text(app)


def test_zones_and_lines_are_chosen_on_activity(weekend: Path) -> None:
    with_places(weekend)
    app = elsewhere("activity", range="all")
    (zones,) = (each for each in app.multiselect if each.label == "Zones")
    well(zones.set_value(["Counter"]).run())
    assert {each.label: each.value for each in app.metric}["Visits"] == "9"
    (lines,) = (each for each in app.multiselect if each.label == "Lines")
    well(lines.set_value(["Gate"]).run())
    assert "but not both" in text(app)
    (zones,) = (each for each in app.multiselect if each.label == "Zones")
    well(zones.set_value([]).run())
    (ways,) = (each for each in app.multiselect if each.label == "Direction")
    well(ways.set_value(["in"]).run())
    inwards = {each.label: each.value for each in app.metric}["Visits"]
    with closing(sqlite3.connect(weekend)) as connection:
        query = "SELECT count(*) FROM crossings WHERE direction = 'in'"
        assert inwards == str(connection.execute(query).fetchone()[0])


# changing the plan


def test_a_changed_plan_is_answered_as_a_new_turn(weekend: Path) -> None:
    app = press(ask(page(), VISITORS), "Change")
    app.multiselect(key="ask.change.0.sources").set_value(["station"])
    well(app.run())
    assert "people at station" in text(app)
    press(app, "Answer this")
    assert len(app.chat_message) == 4
    day = f"first_seen < {SUNDAY.until} AND last_seen >= {SUNDAY.since} AND label = 'person'"
    count = visits_of(weekend, f"{day} AND sources.name = 'station'")
    assert app.subheader[-1].value.startswith(f"{count} visits")
    assert "at station" in app.subheader[-1].value
    answered = kept(weekend)[0]
    assert answered.plan is not None
    assert answered.plan["sources"] == ["station"]


def test_every_field_of_a_plan_can_be_changed(weekend: Path) -> None:
    app = press(ask(page(), VISITORS), "Change")
    key = "ask.change.0."
    app.selectbox(key=f"{key}what").set_value("number.stay_median")
    app.multiselect(key=f"{key}labels").set_value([])
    app.multiselect(key=f"{key}by").set_value(["source"])
    app.number_input(key=f"{key}least").set_value(30.0)
    well(app.run())
    app.selectbox(key=f"{key}order").set_value("most")
    well(app.run())
    said = text(app)
    assert "Median stay of objects" in said
    assert "at least 30 s" in said
    assert "by source" in said
    press(app, "Answer this")
    assert kept(weekend)[0].status == "ok"


def test_speeds_are_offered_only_where_a_floor_is_measured(weekend: Path) -> None:
    app = press(ask(page(), VISITORS), "Change")
    assert "Mean speed" not in app.selectbox(key="ask.change.0.what").options
    with closing(sqlite3.connect(weekend)) as connection, connection:
        corners = [[0, 0], [9, 0], [9, 9], [0, 9]]
        points = [{"pixel": [x, 100 - y], "floor": [x, y]} for x, y in corners]
        row = (0, json.dumps({"points": points}), 0)
        query = "INSERT INTO grounds (source_id, content, valid_from) VALUES (?, ?, ?)"
        connection.execute(query, row)
    well(app.run())
    assert "Mean speed" in app.selectbox(key="ask.change.0.what").options


def test_a_window_can_be_changed_to_a_named_or_any_other_one(weekend: Path) -> None:
    app = press(ask(page(), VISITORS), "Change")
    app.selectbox(key="ask.change.0.when").set_value("all")
    well(app.run())
    press(app, "Answer this")
    assert app.subheader[-1].value.startswith("9 visits")
    press(app, "Change")
    app.selectbox(key="ask.change.1.when").set_value("custom")
    well(app.run())
    assert app.get("date_time_input")


def test_what_a_plan_is_compared_with_changes_where_it_was_alike() -> None:
    saturday = Span(ms("2026-03-28T00:00:00+01:00"), SUNDAY.since, "Saturday")
    both = replace(AT_PLAZA, against=replace(AT_PLAZA, span=saturday), relation="compare")
    new = change.changed(both, sources=("station",))
    assert new.against is not None
    assert (new.sources, new.against.sources) == (("station",), ("station",))
    assert (new.span, new.against.span) == (SUNDAY, saturday)


# what is kept


def test_a_question_is_kept_with_its_rating(weekend: Path) -> None:
    app = ask(page(), VISITORS)
    (asked,) = kept(weekend)
    assert (asked.question, asked.status, asked.rating) == (VISITORS, "ok", "")
    (thumbs,) = app.get("feedback")
    well(thumbs.set_value(1).run())
    assert kept(weekend)[0].rating == "up"


def test_a_page_that_is_drawn_again_asks_and_keeps_nothing_again(weekend: Path) -> None:
    app = ask(page(), VISITORS)
    well(app.run())
    well(app.run())
    assert len(kept(weekend)) == 1


def history_page(path: Path) -> AppTest:
    app = page()
    (view,) = (e for e in app.get("button_group") if str(e.key).startswith("ask.view"))
    return well(view.set_value("History").run())


def test_the_history_lists_searches_and_forgets(weekend: Path) -> None:
    ask(ask(page(), VISITORS), "How many cars were seen on 28 March 2026?")
    app = history_page(weekend)
    (table,) = (frame.value for frame in app.dataframe)
    assert list(table["question"]) == ["How many cars were seen on 28 March 2026?", VISITORS]
    well(app.text_input(key="ask.history.search").set_value("CARS").run())
    (table,) = (frame.value for frame in app.dataframe)
    assert len(table) == 1
    press(app, "Delete all")
    assert "cannot be undone" in text(app)
    assert len(kept(weekend)) == 2
    well(app.button(key="ask.history.sure").click().run())
    assert not kept(weekend)
    assert "No question is kept yet" in text(app)


def test_with_the_switch_off_nothing_is_kept_and_answers_go_on(weekend: Path) -> None:
    app = history_page(weekend)
    (switch,) = app.toggle
    well(switch.set_value(False).run())
    again = ask(page(), VISITORS)
    assert again.subheader[0].value.startswith("6 visits")
    assert not kept(weekend)
    assert not again.get("feedback")


def test_a_study_is_asked_and_says_that_it_keeps_nothing(
    weekend: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = tmp_path / "study.db"
    with closing(open_readonly(weekend)) as connection:
        write_study(connection, study, since=0, until=now_ms())
    before = study.read_bytes()
    monkeypatch.setenv("TRACKING_DB", str(study))
    app = ask(page(), VISITORS)
    assert app.subheader[0].value.startswith("6 visits")
    assert "nothing is written into it" in text(history_page(study))
    assert study.read_bytes() == before


def test_a_database_that_somebody_writes_to_is_answered_and_said(weekend: Path) -> None:
    with closing(open_database(weekend)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        app = ask(page(), VISITORS)
    assert app.subheader[0].value.startswith("6 visits")
    assert "not kept in the history" in text(app)


# by link


def test_a_link_asks_its_question_once(weekend: Path) -> None:
    app = page(q=VISITORS)
    assert app.subheader[0].value.startswith("6 visits")
    well(app.run())
    assert len(app.chat_message) == 2
    ask(app, "and at station?")
    assert "q" not in app.query_params


def test_a_link_of_a_plan_shows_the_same_answer(weekend: Path) -> None:
    app = page(plan=json.dumps(AT_PLAZA.as_dict()))
    assert app.subheader[0].value.startswith("6 visits")


@pytest.mark.parametrize(
    "plan",
    ["{", "[]", '{"metric": "visits"}', "x" * 9000,
     '{"metric": "beauty", "span": {"since": 0, "until": 1}}',
     '{"metric": "visits", "span": {"since": 0, "until": 9e99}}'],
)  # fmt: skip
def test_a_link_of_nonsense_is_told_in_words(plan: str, weekend: Path) -> None:
    app = page(plan=plan)
    assert app.warning
    assert not app.chat_message


def test_a_link_never_asks_a_model(weekend: Path) -> None:
    app = page(_a_model("http://127.0.0.1:9/v1"), q="how many zorbs were there?")
    assert app.warning
    assert "did not answer" not in text(app)


def test_the_address_of_a_plan_leads_back_to_it() -> None:
    plan = replace(AT_PLAZA, zones=("Row A",), least=120.0, hours=(9, 10))
    packed = json.dumps(plan.as_dict())
    assert ask_links.plan_in(packed) == plan
    with pytest.raises(SettingsError):
        ask_links.plan_in(json.dumps([1]))


def test_a_plans_address_for_the_pages_holds_all_of_its_filter() -> None:
    plan = replace(AT_PLAZA, zones=("Row A",), least=120.0, weekdays=(0, 1))
    query = {k: [v] if isinstance(v, str) else v for k, v in ask_links.query_of(plan).items()}
    choice, problems = read_choice(query)
    assert not problems
    assert choice.filter(now_ms(), None, "UTC") == plan.filter()


# models


def _a_model(address: str, use: str = "where_needed") -> Any:
    from tracking.dashboard.ask.model import Choice

    return Choice(use, True, address, "tiny", "")  # type: ignore[arg-type]


@pytest.mark.parametrize("use", ["where_needed", "always"])
def test_a_model_that_cannot_be_reached_leaves_the_parsers_answer_and_says_so(
    use: str, weekend: Path
) -> None:
    app = page(_a_model("http://127.0.0.1:9/v1", use))
    question = VISITORS if use == "always" else "how many zorbs were there?"
    ask(app, question)
    shown = text(app)
    assert "The model did not answer" in shown
    assert "Answered by the built-in parser" in shown
    assert bool(app.subheader) == (use == "always")


def test_no_model_is_asked_until_one_is_set(weekend: Path) -> None:
    app = page()
    assert app.radio(key="ask.model.use").value == "never"
    well(app.radio(key="ask.model.use").set_value("always").run())
    assert "The model has no address yet" in text(app)
    assert "without any model" in text(app)
    app.text_input(key="ask.model.address").set_value("http://192.0.2.1/v1")
    app.text_input(key="ask.model.name").set_value("tiny")
    well(app.run())
    assert "another machine" in text(app)
    well(app.text_input(key="ask.model.address").set_value("http://127.0.0.1:9/v1").run())
    assert plain("tiny via 127.0.0.1:9") in text(app)
    press(app, "Test")
    assert "It does not answer" in text(app)


def test_the_key_of_the_environment_goes_to_no_address_that_is_typed(
    weekend: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tracking.dashboard.ask.model import Choice

    monkeypatch.setenv("TRACKING_LLM_MODEL", "house")
    monkeypatch.setenv("TRACKING_LLM_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("TRACKING_LLM_API_KEY", "secret-of-the-house")
    own = Choice("always", True, "http://127.0.0.1:8/v1", "mine", "").settings()
    assert own is not None
    assert own.api_key == ""
    house = Choice("always", False).settings()
    assert house is not None
    assert (house.model, house.api_key) == ("house", "secret-of-the-house")
    app = page()
    well(app.radio(key="ask.model.use").set_value("always").run())
    assert "secret-of-the-house" not in "".join(map(repr, app))


# strangers' text


def test_hostile_names_and_questions_are_shown_as_they_are(tmp_path: Path) -> None:
    a_hostile_one(tmp_path / "people.db")
    app = page()
    for question in (HOSTILE[0], HOSTILE[4], "which sources are there?"):
        ask(app, question)
    shown = [str(each.value) for each in app.markdown]
    assert any(plain(HOSTILE[4]) in each for each in shown)
    assert not any("**bold**" in each or "<script>" in each for each in shown)


def test_a_models_prose_keeps_bold_and_lists_and_nothing_else() -> None:
    text = "**42** visits, see [here](http://x.y) ![p](http://x.y/p.png)\n- one <b>\n2. two $x$"
    made = words.prose(text)
    assert made.startswith("**42** visits\\, ")
    assert "](" not in made.replace("\\]\\(", "")
    assert "<b>" not in made.replace("\\<b\\>", "")
    assert made.splitlines()[1].startswith("- one")
    assert made.splitlines()[2].startswith("2. two")


@pytest.mark.parametrize(
    ("question", "unread", "marked"),
    [
        ("how many women?", ("women",), "how many :orange-background[women] \\?"),
        ("women and women", ("women",), ":orange-background[women] and women"),
        ("a*b c", ("a*b",), ":orange-background[a\\*b] c"),
        ("nothing", ("else",), "nothing"),
    ],
)
def test_words_are_marked_where_they_stand(
    question: str, unread: tuple[str, ...], marked: str
) -> None:
    assert words.marked(question, unread) == marked


def test_the_first_sentence_is_the_answer() -> None:
    assert words.in_two("12.5 s, today. Watched 80 %.") == ("12.5 s, today.", "Watched 80 %.")
    assert words.in_two("None.") == ("None.", "")


def test_an_answer_that_a_model_gave_says_so(weekend: Path) -> None:
    app = page()
    turn = _given(app, Answer(
        "how many?", "ok", "There were **6** visits.", 6, answered_by="tiny via localhost",
        reading=Reading(say_plan(AT_PLAZA), AT_PLAZA), seconds=2.5,
    ))  # fmt: skip
    assert turn
    assert "Answered by tiny via localhost in 2.5 s" in text(app)


def _given(app: AppTest, answer: Answer) -> bool:
    """Put an answer into the conversation, as if it had just been given."""
    from tracking.dashboard.ask.talk import Talk, Turn

    turn = Turn(0, answer.question, state="done", answer=answer)
    app.session_state["ask.talk"] = Talk([turn], 1)
    well(app.run())
    return True
