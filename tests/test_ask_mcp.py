"""An assistant on the desktop asks the record by the official client, over standard input."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters

from tests.conftest import ROOT, run_tracking
from tests.test_ask_guard import SECRETS, digest, settled, with_places_and_secrets
from tests.worlds import a_weekend, ms
from tracking.ask.models.mcp_server import make_server
from tracking.ask.models.tool_results import DATA

NOW = ms("2026-03-29T19:00:00+02:00")
PEOPLE = {"labels": ["person"], "sources": ["plaza"], "since": "2026-03-29", "until": "2026-03-30"}


@pytest.fixture(scope="module")
def weekend(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weekend")
    return settled(with_places_and_secrets(a_weekend(folder / "weekend.db")))


def over_stdio(path: Path, talk: Callable[[Client], Awaitable[None]]) -> None:
    """Talk with `tracking mcp`, started as an assistant starts it."""
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "tracking", "mcp", "--db", str(path)],
        env={"PYTHONPATH": str(ROOT)},
        cwd=path.parent,
    )

    async def begin() -> None:
        async with Client(command, read_timeout_seconds=60) as client:
            await talk(client)

    anyio.run(begin)


def at_the_moment(path: Path, talk: Callable[[Client], Awaitable[None]]) -> None:
    """Talk with the same server in this process, at a moment that is known."""

    async def begin() -> None:
        async with Client(make_server(path, lambda: NOW)) as client:
            await talk(client)

    anyio.run(begin)


async def told(client: Client, tool: str, arguments: dict[str, Any]) -> tuple[Any, bool]:
    """What a tool gives back, and whether that is no error."""
    result = await client.call_tool(tool, arguments)
    (content,) = result.content
    text = content.text
    if text.startswith(DATA):
        return json.loads(text.partition("\n")[2]), not result.is_error
    return text, not result.is_error


def test_an_assistant_finds_the_tools_counts_and_is_refused_what_would_change_anything(
    weekend: Path,
) -> None:
    before = digest(weekend)

    async def talk(client: Client) -> None:
        tools = (await client.list_tools()).tools
        assert {tool.name for tool in tools} == {
            "ask", "list_metrics", "describe_record", "run_plan", "describe_views", "run_sql",
        }  # fmt: skip
        assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)
        metrics, ok = await told(client, "list_metrics", {})
        assert ok and "visits" in json.loads(metrics)
        counted, ok = await told(client, "run_plan", PEOPLE)
        assert ok and counted["rows"] == [[6, 6]]
        rows, ok = await told(client, "run_sql", {"sql": "SELECT count(*) FROM visits"})
        assert (ok, rows["rows"] if ok else rows) == (True, [[18]])
        for attack in ("DROP TABLE positions", "SELECT uri FROM main.sources", "PRAGMA x=1"):
            why, ok = await told(client, "run_sql", {"sql": attack})
            assert not ok and "refused" in why
            assert not any(secret in why for secret in SECRETS)
        answer, ok = await told(client, "ask", {"question": "how many people in total?"})
        assert ok and answer["answered_by"] == "built-in parser"

    over_stdio(weekend, talk)
    assert digest(weekend) == before


def test_a_question_in_english_is_answered_with_its_working(weekend: Path) -> None:
    async def talk(client: Client) -> None:
        answer, ok = await told(client, "ask", {"question": "how many people at plaza today?"})
        assert ok
        assert (answer["value"], answer["status"], answer["metric"]) == (6, "ok", "visits")
        assert answer["timezone"] == "Europe/Berlin"
        assert answer["coverage"]["share"] < 0.1
        assert "people_tracks" in answer["sql"]

    at_the_moment(weekend, talk)


def test_a_question_is_not_kept(weekend: Path) -> None:
    async def talk(client: Client) -> None:
        await told(client, "ask", {"question": "how many people today?"})

    at_the_moment(weekend, talk)
    with closing(sqlite3.connect(weekend)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master")]
        assert not any(
            connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for name in tables
            if name == "questions"
        )


def test_a_question_that_is_not_understood_is_an_error_that_names_the_word(weekend: Path) -> None:
    async def talk(client: Client) -> None:
        answer, ok = await told(client, "ask", {"question": "how many women came in today?"})
        assert not ok
        assert answer["status"] == "not_understood"
        assert "women" in answer["unread"]

    at_the_moment(weekend, talk)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("ask", {}),
        ("ask", {"question": 7}),
        ("ask", {"question": "x" * 2000}),
        ("run_plan", {"metric": "people"}),
        ("run_plan", {"hours": "noon"}),
        ("draw_chart", {"kind": "bar", "x": "a", "y": "b"}),
        ("drop_tables", {}),
    ],
)
def test_what_cannot_be_done_is_said(weekend: Path, tool: str, arguments: dict[str, Any]) -> None:
    async def talk(client: Client) -> None:
        why, ok = await told(client, tool, arguments)
        assert not ok
        assert isinstance(why, str) and why

    at_the_moment(weekend, talk)


def test_a_database_that_is_not_there_is_named_at_once(tmp_path: Path) -> None:
    ended = run_tracking("mcp", "--db", tmp_path / "none.db")
    assert ended.returncode == 1
    assert "none.db" in ended.stderr
    assert not ended.stdout
