"""One runner for a server: found or started, kept alive, and stopped with it."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import ROOT, MakeClip
from tests.running import Running, until
from tests.worlds import a_weekend
from tracking import config
from tracking.dashboard.places import Places
from tracking.dashboard.serving import lasting, supervising
from tracking.dashboard.serving.supervising import State, Supervisor
from tracking.database import insert_run, open_database, open_readonly
from tracking.events import Run, Source
from tracking.runner import holder, is_held
from tracking.study import write_study


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "people.db", tmp_path / "sources.toml")


@pytest.fixture
def watched(places: Places, make_walk: MakeClip) -> Places:
    """A place where one source is set up."""
    source = {"name": "walk", "uri": str(make_walk()), "detector": "motion"}
    settings = config.SourceSettings.of({**source, "realtime": True, "loop": True})
    config.add(places.config, settings)
    return places


@pytest.fixture
def supervisor(places: Places) -> Generator[Supervisor, None, None]:
    """Not started yet; ends with the test."""
    made = Supervisor(places)
    yield made
    made.stop()


def running(state: State) -> bool:
    return state.phase == "running"


def ended(state: State) -> bool:
    return state.phase == "ended"


def frames(state: State, name: str) -> int:
    """How many the runner has followed of a source; it may not know it yet."""
    sources = (supervising.health(state.url) or {}).get("sources", {})
    return int(sources.get(name, {}).get("frames", 0))


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_database_is_named_by_the_environment_and_its_sources_stand_beside_it(
    tmp_path: Path,
) -> None:
    here = Places.of({})
    assert here == Places(tmp_path / "people.db", tmp_path / "sources.toml")
    there = Places.of({"TRACKING_DB": "/data/shop.db"})
    assert there == Places(Path("/data/shop.db"), Path("/data/sources.toml"))
    assert Places.of({"TRACKING_CONFIG": "/etc/s.toml"}).config == Path("/etc/s.toml")


def test_a_runner_is_started_and_stopped_with_everything_written(
    supervisor: Supervisor, watched: Places
) -> None:
    state = supervisor.start().wait(running, 30)
    assert state.phase == "running"
    pid = supervisor.pid
    assert pid is not None
    until(lambda: frames(state, "walk") > 10, 30)
    supervisor.stop()
    assert supervisor.state.phase == "stopped"
    assert not alive(pid)
    assert not is_held(watched.database)
    with closing(open_readonly(watched.database)) as connection:
        (outcome,) = connection.execute("SELECT outcome FROM runs").fetchone()
        (written,) = connection.execute("SELECT sum(frames) FROM coverage").fetchone()
    assert outcome == "stopped"
    assert written > 10


def test_a_runner_started_by_hand_is_used_and_left_alone(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    with Running(tmp_path) as by_hand:
        state = supervisor.start().wait(lambda state: state.url is not None, 10)
        assert state == State("elsewhere", url=by_hand.runner.url)
        assert supervisor.pid is None
        supervisor.stop()
        assert supervising.health(by_hand.runner.url) is not None


def test_when_a_runner_started_by_hand_ends_one_of_our_own_takes_over(
    supervisor: Supervisor, watched: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervising, "HAND_OVER", 0.5)
    with Running(tmp_path):
        supervisor.start().wait(lambda state: state.phase == "elsewhere", 10)
    assert supervisor.wait(running, 30).phase == "running"


def test_a_runner_started_by_hand_may_be_started_again(
    supervisor: Supervisor, watched: Places, tmp_path: Path
) -> None:
    with Running(tmp_path):
        supervisor.start().wait(lambda state: state.phase == "elsewhere", 10)
    assert supervisor.wait(ended, 10).phase == "ended"
    with Running(tmp_path) as again:
        state = supervisor.wait(lambda state: state.url == again.runner.url, 10)
        assert state.phase == "elsewhere"


def test_the_word_of_a_killed_runner_is_not_believed(
    supervisor: Supervisor, watched: Places
) -> None:
    word = '{"pid": 1, "started_at": 0, "config": "", "url": "http://127.0.0.1:9"}'
    watched.database.with_name("people.db-runner.json").write_text(word)
    assert supervisor.start().wait(running, 30).url != "http://127.0.0.1:9"


def test_a_runner_that_is_killed_is_started_again(supervisor: Supervisor, watched: Places) -> None:
    first = supervisor.start().wait(running, 30)
    killed = supervisor.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    assert supervisor.wait(ended, 10).url is None
    again = supervisor.wait(running, 30)
    assert again.phase == "running"
    assert supervisor.pid != killed
    assert again.url != first.url


def test_a_runner_that_cannot_start_says_why(supervisor: Supervisor, watched: Places) -> None:
    watched.database.write_text("this is a letter, not a database")
    state = supervisor.start().wait(ended, 30)
    assert state.problem is not None
    assert "people.db" in state.problem
    assert state.lines[-1] == state.problem


def test_what_nobody_foresaw_is_told_and_a_runner_is_looked_after_again(
    supervisor: Supervisor,
    watched: Places,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    started: list[int] = []

    def fail(self: Supervisor, pid: int) -> None:
        started.append(pid)
        raise RuntimeError("no such\nthing")

    with monkeypatch.context() as broken:
        broken.setattr(Supervisor, "_url_of", fail)
        state = supervisor.start().wait(lambda state: "thing" in (state.problem or ""), 30)
        assert state.phase == "ended"
        told = "The runner cannot be looked after: RuntimeError: no such thing"
        assert state.problem == told
        assert "no such\nthing" in caplog.text
        assert not alive(started[0])  # the one that was started is not left alone
    state = supervisor.wait(running, 60)
    assert (state.phase, state.problem) == ("running", None)
    assert supervisor.pid not in started


def test_a_demo_that_fails_as_nobody_foresaw_is_told_and_the_runner_starts_without(
    supervisor: Supervisor, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no codec")

    monkeypatch.setattr(supervising.demonstration, "add_demo", fail)
    state = supervisor.start().wait(lambda state: state.problem is not None, 10)
    assert state.problem == "The demo cannot be made: RuntimeError: no codec"
    assert supervisor.wait(running, 60).phase == "running"


def test_a_study_is_only_looked_at(supervisor: Supervisor, watched: Places) -> None:
    with closing(open_readonly(a_weekend(watched.database.with_name("all.db")))) as whole:
        write_study(whole, watched.database, since=0, until=2**53)
    state = supervisor.start().wait(lambda state: state.phase != "starting", 10)
    assert state.phase == "study"
    assert supervisor.pid is None
    assert holder(watched.database) is None


def test_a_newcomer_gets_the_demo_as_a_source(supervisor: Supervisor, places: Places) -> None:
    phases: list[str] = []
    supervisor.start().wait(lambda state: phases.append(state.phase) or running(state), 60)
    assert "preparing" in phases
    (source,) = config.load(places.config).sources
    assert (source.name, source.detector, source.classes) == ("demo", "motion", None)
    assert source.realtime
    assert source.loop
    state = supervisor.state
    until(lambda: frames(state, "demo") > 3, 30)


def test_with_weights_the_demo_looks_for_people(
    supervisor: Supervisor, places: Places, tmp_path: Path
) -> None:
    (tmp_path / "models" / "yolo11n_int8_openvino_model").mkdir(parents=True)
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "clip.mp4").write_bytes(b"was made before")
    supervisor.start().wait(lambda state: state.phase != "preparing", 30)
    until(lambda: bool(config.load(places.config).sources))
    (source,) = config.load(places.config).sources
    assert (source.detector, source.classes) == ("yolo", ("person",))


@pytest.mark.parametrize("reason", ["a broken file", "a recording"])
def test_no_demo_is_put_beside_what_somebody_has(
    reason: str, supervisor: Supervisor, places: Places
) -> None:
    if reason == "a broken file":
        places.config.write_text("[[sources]]\nname = ")
    else:
        with closing(open_database(places.database)) as connection:
            source = Source("yard", "file", "yard.mp4", "UTC", 640, 480)
            insert_run(connection, Run(source, 0, "motion", None, "BoT-SORT", "1"))
            connection.commit()
    supervisor.start().wait(running, 30)
    assert not (places.config.parent / "demo").exists()


def test_a_demo_that_cannot_be_written_is_told_and_the_runner_starts_without(
    supervisor: Supervisor, places: Places
) -> None:
    (places.config.parent / "demo").write_text("in the way")
    problems: list[str | None] = []
    supervisor.start().wait(lambda state: problems.append(state.problem) or running(state), 30)
    assert any("demo" in problem for problem in problems if problem)


def test_all_who_ask_at_once_get_the_same_one_also_from_modules_loaded_anew(
    watched: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKING_DB", str(watched.database))
    found: list[Supervisor] = []
    threads = [
        threading.Thread(target=lambda: found.append(supervising.supervisor())) for _ in range(8)
    ]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        importlib.reload(lasting)
        anew = importlib.reload(supervising)
        assert {id(each) for each in (*found, anew.supervisor())} == {id(found[0])}
        assert supervising.state() == found[0].state
    finally:
        supervising.release()
    assert lasting.kept("supervisor") is None


SERVER = """
import sys, time
from pathlib import Path
from tracking.dashboard.places import Places
from tracking.dashboard.serving.supervising import Supervisor
supervisor = Supervisor(Places(Path(sys.argv[1]), Path(sys.argv[2]))).start()
supervisor.wait(lambda state: state.phase == "running", 30)
print(supervisor.pid, flush=True)
time.sleep(60)
"""


def test_the_runner_ends_with_a_server_that_is_killed(watched: Places) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, str(watched.database), str(watched.config)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as server:
        assert server.stdout is not None
        pid = int(server.stdout.readline())
        assert is_held(watched.database)
        server.kill()
    until(lambda: not is_held(watched.database), 20, lambda: pid)
    assert holder(watched.database) is None  # it left in order
