"""SQL of strangers reads the documented views and does nothing else, layer by layer."""

from __future__ import annotations

import gc
import hashlib
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.worlds import TRUTH, a_hostile_one, a_weekend
from tracking.ask.models import guarded, views
from tracking.ask.models.guard import Limits, run_sql
from tracking.database import open_database, open_readonly
from tracking.errors import DatabaseError, QueryRefused

SECRETS = ("rtsp://", "hunter2", "a question of somebody")
"""What is in the database and must not come out of it."""

Connect = Callable[[], sqlite3.Connection]


def with_places_and_secrets(path: Path) -> Path:
    with closing(open_database(path)) as connection:
        (first,) = connection.execute("SELECT min(id) FROM people_tracks").fetchone()
        t = connection.execute("SELECT first_seen FROM people_tracks WHERE id = ?", (first,))
        (t,) = t.fetchone()
        connection.executescript(
            f"""
            INSERT INTO zones VALUES (1, 0, 'fountain', '[]', 0, NULL);
            INSERT INTO lines VALUES (1, 0, 'gate', '[]', 'in', 'out', 0, NULL);
            INSERT INTO zone_stays VALUES ({first}, 1, {t}, {t} + 20000);
            INSERT INTO crossings VALUES ({first}, 1, {t} + 5000, 'forward');
            INSERT INTO settings VALUES ('secret', 'hunter2');
            CREATE TABLE question_log (question TEXT);
            INSERT INTO question_log VALUES ('a question of somebody');
            """
        )
        connection.commit()
    return path


@pytest.fixture(scope="module")
def weekend(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weekend")
    return settled(with_places_and_secrets(a_weekend(folder / "weekend.db")))


@pytest.fixture
def writable(weekend: Path) -> Iterator[sqlite3.Connection]:
    """A connection that could write, so that one layer alone has to refuse it."""
    connection = sqlite3.connect(weekend, isolation_level=None)  # begins nothing by itself
    yield connection
    connection.close()


def settled(path: Path) -> Path:
    """The database with its log written back: SQLite leaves that to the last one who looks."""
    gc.collect()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def digest(path: Path) -> str:
    """Of every byte of the database; a log that is not there is an empty one."""
    log = Path(f"{path}-wal")
    data = path.read_bytes() + b"|" + (log.read_bytes() if log.exists() else b"")
    return hashlib.sha256(data).hexdigest()


# what may be read


def test_every_column_of_a_view_is_documented_and_there(weekend: Path) -> None:
    for view in views.VIEWS:
        table = run_sql(weekend, f"SELECT * FROM {view.name}")
        assert list(table.columns) == [name for name, _ in view.columns]
        assert table.rows, f"{view.name} is empty here, so nothing is known of it"


def test_people_are_counted_as_the_truth_says(weekend: Path) -> None:
    counted = run_sql(
        weekend, "SELECT source, count(*) FROM tracks WHERE label = 'person' GROUP BY 1 ORDER BY 1"
    )
    people = {name: truth.tracks["person"] for name, truth in TRUTH.items() if truth.tracks}
    assert dict(counted.rows) == people


def test_local_days_are_those_of_each_sources_own_clock(weekend: Path) -> None:
    table = run_sql(
        weekend,
        "SELECT source, date(first_seen), count(*) FROM tracks WHERE label = 'person'"
        " GROUP BY 1, 2",
    )
    found = {(source, day): count for source, day, count in table.rows}
    truth = {
        (name, day): count for name, each in TRUTH.items() for day, count in each.by_day.items()
    }
    assert found == truth


def test_local_times_are_right_on_both_sides_of_a_change_of_the_clocks(weekend: Path) -> None:
    table = run_sql(
        weekend,
        "SELECT first_seen, last_seen FROM tracks WHERE source = 'plaza'"
        " AND date(first_seen) = '2026-03-29' ORDER BY first_ms LIMIT 3",
    )
    assert table.rows == (
        ("2026-03-29 01:50:00", "2026-03-29 01:55:00"),
        ("2026-03-29 01:59:00", "2026-03-29 03:01:00"),
        ("2026-03-29 03:05:00", "2026-03-29 03:10:00"),
    )


def test_a_crossing_has_the_lines_own_word_for_its_direction(weekend: Path) -> None:
    assert run_sql(weekend, "SELECT line, direction FROM crossings").rows == (("gate", "in"),)


def test_the_sql_of_a_table_gives_the_same_in_any_program(weekend: Path) -> None:
    table = run_sql(weekend, "SELECT label, min(first_seen) FROM visits GROUP BY 1; -- done")
    with closing(open_readonly(weekend)) as connection:
        *views_made, query = table.sql.split(";\n")
        for statement in views_made:
            connection.execute(statement)
        assert tuple(connection.execute(query).fetchall()) == table.rows
    assert "uri" not in table.sql


def test_a_view_may_be_joined_windowed_and_counted_recursively(weekend: Path) -> None:
    table = run_sql(
        weekend,
        "WITH RECURSIVE hours(h) AS (SELECT 0 UNION ALL SELECT h + 1 FROM hours WHERE h < 23)"
        " SELECT h, count(id), sum(count(id)) OVER (ORDER BY h) FROM hours LEFT JOIN tracks"
        " ON CAST(strftime('%H', first_seen) AS INTEGER) = h AND label LIKE 'PERS%' GROUP BY h",
    )
    assert len(table.rows) == 24
    assert table.rows[-1][2] == 16


def test_the_views_that_a_query_reads_are_told_also_where_rows_are_only_counted(
    weekend: Path,
) -> None:
    assert run_sql(weekend, "SELECT count(*) FROM visits").views == ("visits",)
    assert run_sql(weekend, "SELECT zones.name FROM zones, lines").views == ("zones", "lines")
    assert run_sql(weekend, "SELECT 4711").views == ()


def test_the_rows_of_a_subquery_are_counted(weekend: Path) -> None:
    people = "WITH people AS (SELECT id FROM tracks WHERE label = 'person')"
    assert run_sql(weekend, f"{people} SELECT count(*) FROM people").rows == ((16,),)


def test_rows_are_cut_and_that_is_said(weekend: Path) -> None:
    table = run_sql(weekend, "SELECT at FROM positions", Limits(rows=10))
    assert len(table.rows) == 10
    assert table.truncated
    assert not run_sql(weekend, "SELECT at FROM positions LIMIT 10", Limits(rows=10)).truncated


def test_long_cells_and_wide_tables_are_cut(weekend: Path) -> None:
    long = run_sql(weekend, "SELECT group_concat(at) FROM positions LIMIT 1", Limits(cell=50))
    assert len(long.rows[0][0]) == 50
    wide = run_sql(weekend, "SELECT at FROM positions", Limits(total=1000))
    assert sum(len(row[0]) for row in wide.rows) <= 1000
    assert wide.truncated


def test_what_json_cannot_hold_comes_as_text(weekend: Path) -> None:
    assert run_sql(weekend, "SELECT 9e999, x'00ff', NULL").rows == (("inf", "(2 bytes)", None),)


def test_a_database_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("no database at all, but quite some text" * 40)
    with pytest.raises(DatabaseError, match=r"text\.db is not a SQLite database"):
        run_sql(tmp_path / "text.db", "SELECT 1")


# what may not

DOUBLING = ", ".join(f"a{n}(x) AS (SELECT p.x FROM a{n - 1} p, a{n - 1} q)" for n in range(1, 30))

ATTACKS = {
    "delete": "DELETE FROM people_tracks",
    "drop": "DROP TABLE positions",
    "drop a view": "DROP VIEW tracks",
    "update": "UPDATE sources SET name = 'x'",
    "insert": "INSERT INTO settings VALUES ('a', 'b')",
    "insert of a query": "WITH a AS (SELECT 1) INSERT INTO settings SELECT 'a', 'b'",
    "returning": "WITH a AS (SELECT 1) DELETE FROM people_tracks RETURNING id",
    "create": "CREATE TABLE mine AS SELECT * FROM tracks",
    "create temporary": "CREATE TEMP TABLE mine AS SELECT uri FROM main.sources",
    "attach": "ATTACH 'other.db' AS other",
    "detach": "DETACH main",
    "pragma": "PRAGMA query_only = OFF",
    "writable schema": "PRAGMA writable_schema = 1",
    "vacuum": "VACUUM",
    "vacuum into": "VACUUM INTO 'copy.db'",
    "begin": "BEGIN IMMEDIATE",
    "savepoint": "SAVEPOINT a",
    "reindex": "REINDEX",
    "analyze": "ANALYZE",
    "explain": "EXPLAIN SELECT * FROM tracks",
    "explain the plan": "EXPLAIN QUERY PLAN SELECT * FROM tracks",
    "two statements": "SELECT 1; DELETE FROM people_tracks",
    "two queries": "SELECT 1; SELECT 2",
    "a comment between": "SELECT 1; /* nothing */ -- here\n DELETE FROM people_tracks",
    "a comment before": "-- SELECT 1\n DELETE FROM people_tracks",
    "another before": "/* SELECT */ DELETE FROM people_tracks",
    "an open comment": "/* SELECT 1",
    "a comment of two kinds": "/* -- */ DELETE FROM people_tracks -- */ SELECT 1",
    "a null": "SELECT 1\0; DELETE FROM people_tracks",
    "nothing": "  ",
    "only a semicolon": ";",
    "half a character": "SELECT '\ud800'",
    "load_extension": "SELECT load_extension('evil')",
    "readfile": "SELECT readfile('/etc/passwd')",
    "writefile": "SELECT writefile('mine', 'text')",
    "edit": "SELECT edit('text')",
    "fts3_tokenizer": "SELECT fts3_tokenizer('simple')",
    "the engine": "SELECT sqlite_version(), sqlite_source_id()",
    "a parameter": "SELECT ?",
    "the schema": "SELECT sql FROM sqlite_master",
    "the schema by its other name": "SELECT sql FROM sqlite_schema",
    "the temporary schema": "SELECT sql FROM sqlite_temp_master",
    "the schema in a condition": "SELECT 1 WHERE EXISTS (SELECT sql FROM sqlite_master)",
    "addresses": "SELECT uri FROM sources",
    "addresses of the table": "SELECT uri FROM main.sources",
    "a table": "SELECT * FROM people_tracks",
    "settings": "SELECT value FROM settings",
    "how it was run": "SELECT settings, weights FROM runs",
    "pictures": "SELECT jpeg FROM stills",
    "questions": "SELECT question FROM question_log",
    "how many questions": "SELECT count(*) FROM question_log",
    "how many tables": "SELECT count(*) FROM sqlite_master",
    "how many pages": "SELECT count(*) FROM dbstat",
    "how many pragmas": "SELECT count(*) FROM pragma_pragma_list",
    "in a subquery": "SELECT (SELECT uri FROM main.sources LIMIT 1) FROM tracks",
    "in an alias": "SELECT * FROM (SELECT uri FROM main.sources) AS tracks",
    "in a name of ours": "WITH tracks AS (SELECT uri FROM main.sources) SELECT * FROM tracks",
    "in both": "WITH sources AS (SELECT value FROM settings) SELECT * FROM sources",
    "in a union": "SELECT name FROM sources UNION SELECT uri FROM main.sources",
    "in an order": "SELECT name FROM sources ORDER BY (SELECT max(uri) FROM main.sources)",
    "by the row's number": "WITH sources AS (SELECT rowid, uri FROM main.sources) TABLE sources",
    "table info": "SELECT * FROM pragma_table_info('sources')",
    "table list": "SELECT * FROM pragma_table_list",
    "database list": "SELECT file FROM pragma_database_list",
    "compile options": "SELECT * FROM pragma_compile_options",
    "a pragma that writes": "SELECT * FROM pragma_user_version(7)",
    "pages": "SELECT * FROM dbstat",
    "raw pages": "SELECT * FROM sqlite_dbpage",
    "series": "SELECT * FROM generate_series(1, 1000000000)",
    "json": "SELECT value FROM json_each('[1]')",
    "glob": "SELECT 'a' GLOB 'a'",
    "randomblob": "SELECT randomblob(1000000000)",
    "zeroblob": "SELECT zeroblob(1000000000)",
    "hex of much": "SELECT hex(zeroblob(100000000))",
    "printf": "SELECT printf('%.*c', 1000000000, 'x')",
    "format": "SELECT length(format('%1000000000d', 1))",
    "much in one": "SELECT group_concat(a.at || b.at) FROM positions a, positions b",
    "doubling": "WITH RECURSIVE c(x) AS (SELECT 'xxxx' UNION ALL SELECT x || x FROM c)"
    " SELECT max(length(x)) FROM c",
    "replacing": "WITH RECURSIVE c(x) AS (SELECT 'a' UNION ALL SELECT replace(x, 'a', 'aa') FROM c)"
    " SELECT max(length(x)) FROM c",
    "deep": f"SELECT {'(' * 5000}1{')' * 5000}",
    "long": f"SELECT 1 -- {'x' * 20_000}",
    "wide": f"SELECT {', '.join(['1'] * 3000)}",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_an_attack_is_refused_and_no_byte_changes(
    attack: str, weekend: Path, tmp_path: Path
) -> None:
    before = digest(weekend)
    with pytest.raises(QueryRefused) as refused:
        run_sql(weekend, attack, Limits(seconds=2))
    assert not any(secret in str(refused.value) for secret in SECRETS)
    assert digest(weekend) == before
    assert not list(tmp_path.iterdir())  # where the test runs


ENDLESS = {
    "a recursion": "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)"
    " SELECT count(*) FROM c",
    "a huge join": "SELECT count(*) FROM positions a, positions b, positions c, positions d",
    "a sorted join": "SELECT a.at FROM positions a, positions b, positions c ORDER BY b.x + c.y",
    "rows that never come": "SELECT 1 FROM positions a, positions b, positions c"
    " WHERE a.x + b.x + c.x < 0",
}


@pytest.mark.parametrize("query", ENDLESS.values(), ids=ENDLESS)
def test_what_takes_too_long_is_ended(query: str, weekend: Path) -> None:
    begun = time.monotonic()
    with pytest.raises(QueryRefused, match=r"longer than 0\.5 seconds|too much memory"):
        run_sql(weekend, query, Limits(seconds=0.5))
    assert time.monotonic() - begun < 6


@pytest.mark.skipif(sys.platform == "win32", reason="there only the time bounds it")
def test_a_short_query_that_fills_the_memory_before_its_first_row_is_ended(weekend: Path) -> None:
    query = f"WITH a0(x) AS (SELECT 1), {DOUBLING} SELECT * FROM a29"
    with pytest.raises(QueryRefused, match="too much memory"):
        run_sql(weekend, query, Limits(seconds=60))


def test_what_is_deaf_to_interruptions_is_ended_all_the_same(weekend: Path) -> None:
    query = f"WITH a0(x) AS (SELECT 1), {DOUBLING} SELECT * FROM a29"
    begun = time.monotonic()
    with pytest.raises(QueryRefused):
        run_sql(weekend, query, Limits(seconds=0.1))
    assert time.monotonic() - begun < 10


def test_a_refusal_says_what_may_be_read_and_called(weekend: Path) -> None:
    with pytest.raises(QueryRefused, match=r"coverage, crossings.* visits.*, not sources\.uri"):
        run_sql(weekend, "SELECT uri FROM main.sources")
    with pytest.raises(QueryRefused, match=r"may not call randomblob\(\); there are abs"):
        run_sql(weekend, "SELECT randomblob(9)")
    with pytest.raises(QueryRefused, match="no such column: age"):
        run_sql(weekend, "SELECT age FROM tracks")


def test_no_secret_comes_out_of_any_view(weekend: Path) -> None:
    for view in views.VIEWS:
        table = run_sql(weekend, f"SELECT * FROM {view.name}", Limits(rows=10_000))
        text = repr(table.rows)
        assert not any(secret in text for secret in SECRETS)


def test_names_that_are_up_to_no_good_are_only_text(tmp_path: Path) -> None:
    path = a_hostile_one(tmp_path / "hostile.db")
    with closing(open_database(path)) as connection:
        connection.execute("UPDATE sources SET timezone = ''' THEN 0 END) -- '")
        connection.execute("UPDATE sources SET name = 'x''; DROP TABLE positions; --' WHERE id = 1")
        connection.commit()
    before = digest(settled(path))
    table = run_sql(
        path, "SELECT name, count(*) FROM sources JOIN tracks ON source = name GROUP BY 1"
    )
    assert len(table.rows) == 14
    assert "x'; DROP TABLE positions; --" in {name for name, _ in table.rows}
    assert digest(path) == before


def test_every_query_goes_through_every_layer(
    weekend: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed: list[str] = []

    def noting(name: str, layer: Callable[..., Any]) -> Callable[..., Any]:
        def note(*arguments: Any) -> Any:
            passed.append(name)
            return layer(*arguments)

        return note

    layers = ("one_select", "open_to_read", "only_for", "only_query", "only_small", "only_views")
    for name in layers:
        monkeypatch.setattr(guarded, name, noting(name, getattr(guarded, name)))
    with closing(open_readonly(weekend)) as connection:
        made = views.definitions(connection)
    task = {"path": str(weekend), "views": made, "seconds": 5, "rows": 9, "cell": 9, "total": 99}
    with pytest.raises(guarded.Refused, match="no such column"):
        guarded.answer({**task, "sql": "SELECT age FROM tracks"})
    assert sorted(passed) == sorted(layers)


# each layer alone


def refused(connection: sqlite3.Connection, sql: str) -> str:
    with pytest.raises((sqlite3.Error, sqlite3.Warning)) as error:
        connection.execute(sql).fetchall()
    assert not connection.in_transaction
    return str(error.value)


def test_the_way_it_is_opened_alone_keeps_the_file(weekend: Path) -> None:
    with closing(guarded.open_to_read(str(weekend))) as connection:
        assert "readonly" in refused(connection, "DROP TABLE positions")
        assert "readonly" in refused(connection, "CREATE TABLE mine (x)")


def test_query_only_alone_keeps_the_file(writable: sqlite3.Connection) -> None:
    guarded.only_query(writable)
    assert "readonly" in refused(writable, "DROP TABLE positions")
    assert "readonly" in refused(writable, "CREATE TABLE mine (x)")
    assert "readonly" in refused(writable, "DELETE FROM people_tracks")


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE positions",
        "DELETE FROM people_tracks",
        "ATTACH 'other.db' AS other",
        "PRAGMA query_only = OFF",
        "VACUUM INTO 'copy.db'",
        "BEGIN",
        "SELECT load_extension('evil')",
        "SELECT uri FROM main.sources",
        "WITH tracks AS (SELECT uri FROM main.sources) SELECT * FROM tracks",
        "SELECT sql FROM sqlite_master",
    ],
)
def test_the_authorizer_alone_refuses(writable: sqlite3.Connection, sql: str) -> None:
    with closing(open_readonly(writable.execute("PRAGMA database_list").fetchone()[2])) as reader:
        made = views.definitions(reader)
    reads = guarded.make_views(writable, made)
    _, denied = guarded.only_views(writable, made, reads)
    refused(writable, sql)
    assert denied


def test_what_a_view_reads_is_learnt_from_sqlite_and_holds_no_address(weekend: Path) -> None:
    with closing(open_readonly(weekend)) as connection:
        reads = guarded.make_views(connection, views.definitions(connection))
    assert ("tracks", "people_tracks", "label") in reads
    tables = {table for _, table, _ in reads}
    assert not tables & {"settings", "stills", "runs", "question_log", "sqlite_master"}
    assert not {column for _, _, column in reads} & {"uri", "settings", "weights"}


def test_the_clock_alone_ends_a_query(writable: sqlite3.Connection) -> None:
    over = guarded.only_for(writable, 0.2)
    begun = time.monotonic()
    assert "interrupted" in refused(writable, ENDLESS["a recursion"])
    assert over()
    assert time.monotonic() - begun < 2


@pytest.mark.skipif(not hasattr(sqlite3.Connection, "setlimit"), reason="Python 3.11 has it")
def test_the_bounds_alone_refuse_what_is_too_big(writable: sqlite3.Connection) -> None:
    guarded.only_small(writable)
    assert "too big" in refused(writable, "SELECT randomblob(1000000000)")
    assert "too big" in refused(writable, ATTACKS["doubling"])
    assert "too many attached" in refused(writable, "ATTACH ':memory:' AS other")


def test_one_statement_alone_is_taken(writable: sqlite3.Connection) -> None:
    refused(writable, "SELECT 1; DELETE FROM people_tracks")
    for text in ("EXPLAIN SELECT 1", "/* */ pragma x", "", "-- SELECT 1"):
        with pytest.raises(guarded.Refused, match="one SELECT"):
            guarded.one_select(text)
    assert guarded.one_select(" /* why */ -- who\n SELECT 1")
