"""The tables, as migrations: a database of any earlier version is brought up to date in place.

Times are integer milliseconds since 1970 UTC; pixels are those of the source's own frame size.
Sources count from 0. Derived tables (footprints, heat_days, end_days, zone_stays, crossings, joins,
paces) can be made anew from positions, and coverage_quarters from coverage.
"""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database, Migrations

from .errors import DatabaseTooNew
from .footprints import rebuild, settle

migrations = Migrations("tracking")

_END_COLUMNS = "source_id, run_id, first_seen, last_seen, positions, confidence"

UNWATCHED = ("stale", "down", "stopped")
"""Why a source was not watched: the columns seconds_... of coverage."""


def migrate(connection: sqlite3.Connection, name: str = "The database") -> None:
    """Create or update the tables. Raises DatabaseTooNew rather than touch what it cannot know."""
    database = Database(connection)
    known = {migration.name for migration in migrations.pending(Database(memory=True))}
    applied = [migration.name for migration in migrations.applied(database)]
    if unknown := [step for step in applied if step not in known]:
        raise DatabaseTooNew(
            f"{name} was written by a newer version of this program (its schema has the step "
            f"{unknown[0]!r}, which this version does not know); update the program"
        )
    if len(applied) < len(known):
        connection.execute("BEGIN IMMEDIATE")  # two processes may find the same empty file
        try:
            migrations.apply(database)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


@migrations()
def first_tables(database: Database) -> None:
    for statement in _FIRST_TABLES.split(";\n\n"):
        database.execute(statement)


@migrations()
def unwatched_time(database: Database) -> None:
    """Why the rest of a minute was not watched; `state` names what took the longest."""
    for state in UNWATCHED:
        database.execute(f"ALTER TABLE coverage ADD COLUMN seconds_{state} REAL NOT NULL DEFAULT 0")


@migrations()
def footprints_and_stills(database: Database) -> None:
    """Runs keep the size of their frames, because a camera may be set to another one."""
    database.execute("ALTER TABLE runs ADD COLUMN width INTEGER")
    database.execute("ALTER TABLE runs ADD COLUMN height INTEGER")
    database.execute(
        "UPDATE runs SET (width, height) ="
        " (SELECT width, height FROM sources WHERE sources.id = source_id)"
    )
    for statement in _FOOTPRINTS.split(";\n\n"):
        database.execute(statement)
    rebuild(database.conn)


@migrations()
def tracks_by_label(database: Database) -> None:
    """All that most questions need of a track, in one index: a month is read without its rows."""
    database.execute(
        "CREATE INDEX tracks_of_label"
        " ON people_tracks(source_id, label, last_seen, first_seen, visit_id)"
    )


@migrations()
def questions_asked(database: Database) -> None:
    """What was asked and answered; rating: 1 for good, -1 for bad. Numbers are never used again."""
    database.execute(
        "CREATE TABLE questions (id INTEGER PRIMARY KEY AUTOINCREMENT, asked_at INTEGER NOT NULL,"
        " question TEXT NOT NULL, plan TEXT, answer TEXT NOT NULL, status TEXT NOT NULL,"
        " answered_by TEXT NOT NULL, seconds REAL NOT NULL, rating INTEGER,"
        " session TEXT NOT NULL DEFAULT '')"
    )


@migrations()
def tracks_by_visit(database: Database) -> None:
    """What is asked of the tracks that were joined; it holds nothing where none were."""
    database.execute(
        "CREATE INDEX tracks_of_visit ON people_tracks(visit_id, first_seen, last_seen)"
        " WHERE visit_id IS NOT NULL"
    )


@migrations()
def coverage_by_quarter(database: Database) -> None:
    """A month is read from a fifteenth of the rows; triggers keep the sums right at any moment."""
    for statement in _QUARTERS:
        database.execute(statement)
    database.execute(f"INSERT INTO coverage_quarters {_SUMS} GROUP BY 1, 2")


@migrations()
def tracks_by_day(database: Database) -> None:
    """How many positions came on each day is read in their order, without the tracks' rows."""
    database.execute(
        "CREATE INDEX tracks_of_day"
        " ON people_tracks(source_id, first_seen / 86400000, positions, first_seen)"
    )


@migrations()
def zones_not_derived(database: Database) -> None:
    """Which zones and lines still have tracks of the past to look at: those from `next` on."""
    database.execute(
        "CREATE TABLE underived (kind TEXT NOT NULL, id INTEGER NOT NULL, next INTEGER NOT NULL,"
        " PRIMARY KEY (kind, id)) WITHOUT ROWID"
    )


@migrations()
def joins_of_tracks(database: Database) -> None:
    """Which track goes on as which: score 0 to 1, gap in milliseconds, below 0 where they overlap.

    joinings: until when a source's tracks are decided for good, when, and with which settings.
    """
    for statement in _JOINS.split(";\n\n"):
        database.execute(statement)


@migrations()
def count_audits(database: Database) -> None:
    """Windows of a source in which people count again. truth: theirs; system: ours at that time;
    skipped: why there is none; seen: what they counted from. Numbers are never used again."""
    for statement in _AUDITS.split(";\n\n"):
        database.execute(statement)


_AUDITS = """
CREATE TABLE audits (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
    quantity TEXT NOT NULL,
    place TEXT NOT NULL DEFAULT '',
    direction TEXT NOT NULL DEFAULT '',
    labels TEXT NOT NULL DEFAULT '[]',
    seconds REAL NOT NULL,
    seed INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    possible INTEGER NOT NULL
);

CREATE TABLE audit_windows (
    audit_id INTEGER NOT NULL REFERENCES audits(id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    hour INTEGER NOT NULL,
    truth INTEGER,
    system REAL,
    answered_at INTEGER,
    skipped TEXT NOT NULL DEFAULT '',
    seen TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (audit_id, number)
) WITHOUT ROWID
"""


@migrations()
def alerts_and_their_rules(database: Database) -> None:
    """Rules in versions, what they have found, how far they are decided, and who was told.

    alert_rules: `rule` is the id of a rule's first version; a version is current until valid_to.
    alert_progress: how far a version is decided at a source. alerts: told is 0, 1 when it was
    passed on that it began, 2 when that it ended, too. alert_deliveries: state is waiting, sent or
    failed.
    """
    for statement in _ALERTS.split(";\n\n"):
        database.execute(statement)


_ALERTS = """
CREATE TABLE alert_rules (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    rule INTEGER NOT NULL,
    definition TEXT NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER
);

CREATE TABLE alert_progress (
    version INTEGER NOT NULL REFERENCES alert_rules(id) ON DELETE CASCADE,
    source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
    progress TEXT NOT NULL,
    PRIMARY KEY (version, source_id)
) WITHOUT ROWID;

CREATE TABLE alerts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    version INTEGER NOT NULL REFERENCES alert_rules(id) ON DELETE CASCADE,
    rule INTEGER NOT NULL,
    source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    place TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    ending TEXT,
    value REAL NOT NULL,
    peak REAL NOT NULL,
    threshold REAL NOT NULL,
    evidence TEXT NOT NULL,
    acknowledged_at INTEGER,
    told INTEGER NOT NULL DEFAULT 0
);

CREATE INDEX alerts_by_time ON alerts(started_at);

CREATE INDEX alerts_open ON alerts(version, source_id) WHERE ended_at IS NULL;

CREATE INDEX alerts_untold ON alerts(told) WHERE told < 2;

CREATE TABLE alert_deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    alert INTEGER NOT NULL REFERENCES alerts(id) ON DELETE CASCADE,
    channel TEXT NOT NULL,
    event TEXT NOT NULL,
    message TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    tries INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL,
    told_at INTEGER,
    result TEXT
);

CREATE INDEX deliveries_of_alert ON alert_deliveries(alert);

CREATE INDEX deliveries_waiting ON alert_deliveries(channel, id) WHERE state = 'waiting'
"""


@migrations()
def floors_in_metres(database: Database) -> None:
    """Where points of a picture lie on the floor, in versions, and the plans that they lie on.

    floor_plans: width and height are metres. paces (derived): how far a track walked in how long a
    time, and when it was last seen when that was worked out.
    """
    for statement in _FLOORS.split(";\n\n"):
        database.execute(statement)


_FLOORS = """
CREATE TABLE floor_plans (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    width REAL NOT NULL,
    height REAL NOT NULL,
    png BLOB
);

CREATE TABLE grounds (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
    content TEXT NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER
);

CREATE INDEX grounds_of_source ON grounds(source_id, valid_from);

CREATE TABLE paces (
    track INTEGER PRIMARY KEY REFERENCES people_tracks(id) ON DELETE CASCADE,
    metres REAL NOT NULL,
    seconds REAL NOT NULL,
    seen INTEGER NOT NULL
)
"""


@migrations()
def ends_by_day(database: Database) -> None:
    """Where the tracks that were first seen on a day begin and end, read together."""
    for statement in _ENDS:
        database.execute(statement)
    settle(database.conn)


_ENDS = (
    """
CREATE TABLE end_days (
    source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
    day INTEGER NOT NULL,
    ends BLOB NOT NULL,
    PRIMARY KEY (source_id, day)
)
""",
    *(
        f"""
CREATE TRIGGER ends_{what} AFTER {event} ON people_tracks BEGIN
    DELETE FROM end_days WHERE source_id = {row}.source_id AND day = {row}.first_seen / 86400000;
END
"""
        for what, event, row in (
            ("added", "INSERT", "new"),
            ("changed", f"UPDATE OF {_END_COLUMNS}", "new"),
            ("moved", "UPDATE OF source_id, first_seen", "old"),
            ("removed", "DELETE", "old"),
        )
    ),
)

_JOINS = """
CREATE TABLE joins (
    track INTEGER PRIMARY KEY REFERENCES people_tracks(id) ON DELETE CASCADE,
    next INTEGER NOT NULL UNIQUE REFERENCES people_tracks(id) ON DELETE CASCADE,
    score REAL NOT NULL,
    gap INTEGER NOT NULL
);

CREATE TABLE joinings (
    source_id INTEGER PRIMARY KEY REFERENCES sources(id) ON DELETE CASCADE,
    until INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    settings TEXT NOT NULL
)
"""

_FIRST_TABLES = """
CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    uri TEXT NOT NULL,
    timezone TEXT NOT NULL,
    width INTEGER,
    height INTEGER,
    fps REAL,
    created_at INTEGER NOT NULL
);

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    detector TEXT NOT NULL,
    weights TEXT,
    tracker TEXT NOT NULL,
    settings TEXT NOT NULL DEFAULT '{}',
    code_version TEXT NOT NULL,
    frames INTEGER NOT NULL DEFAULT 0,
    outcome TEXT,
    problems TEXT
);

CREATE INDEX runs_of_source ON runs(source_id, started_at);

CREATE TABLE people_tracks (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
    track_id INTEGER NOT NULL,
    label TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    positions INTEGER NOT NULL,
    confidence REAL NOT NULL,
    visit_id INTEGER,
    UNIQUE (run_id, track_id)
);

CREATE INDEX tracks_of_source ON people_tracks(source_id, last_seen, first_seen);

CREATE TABLE positions (
    track INTEGER NOT NULL REFERENCES people_tracks(id) ON DELETE CASCADE,
    t INTEGER NOT NULL,
    frame INTEGER NOT NULL,
    x REAL NOT NULL,
    y REAL NOT NULL,
    w REAL NOT NULL,
    h REAL NOT NULL,
    confidence REAL NOT NULL,
    PRIMARY KEY (track, t)
) WITHOUT ROWID;

CREATE TABLE coverage (
    source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
    minute INTEGER NOT NULL,
    seconds_observed REAL NOT NULL,
    frames INTEGER NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (source_id, minute)
) WITHOUT ROWID;

CREATE TABLE zones (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    polygon TEXT NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER
);

CREATE TABLE lines (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    points TEXT NOT NULL,
    forward TEXT NOT NULL DEFAULT 'in',
    backward TEXT NOT NULL DEFAULT 'out',
    valid_from INTEGER NOT NULL,
    valid_to INTEGER
);

CREATE TABLE zone_stays (
    track INTEGER NOT NULL REFERENCES people_tracks(id) ON DELETE CASCADE,
    zone_id INTEGER NOT NULL REFERENCES zones(id) ON DELETE CASCADE,
    entered_at INTEGER NOT NULL,
    left_at INTEGER NOT NULL,
    PRIMARY KEY (zone_id, entered_at, track)
) WITHOUT ROWID;

CREATE TABLE crossings (
    track INTEGER NOT NULL REFERENCES people_tracks(id) ON DELETE CASCADE,
    line_id INTEGER NOT NULL REFERENCES lines(id) ON DELETE CASCADE,
    t INTEGER NOT NULL,
    direction TEXT NOT NULL,
    PRIMARY KEY (line_id, t, track)
) WITHOUT ROWID
"""

_FOOTPRINTS = """
CREATE TABLE footprints (
    source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
    minute INTEGER NOT NULL,
    track INTEGER NOT NULL REFERENCES people_tracks(id) ON DELETE CASCADE,
    steps BLOB NOT NULL,
    PRIMARY KEY (source_id, minute, track)
) WITHOUT ROWID;

CREATE INDEX footprints_of_track ON footprints(track);

CREATE TABLE heat_days (
    source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
    day INTEGER NOT NULL,
    label TEXT NOT NULL,
    heat BLOB NOT NULL,
    PRIMARY KEY (source_id, day, label)
);

CREATE TRIGGER footprint_added AFTER INSERT ON footprints BEGIN
    DELETE FROM heat_days WHERE source_id = new.source_id AND day = new.minute / 1440;
END;

CREATE TRIGGER footprint_changed AFTER UPDATE ON footprints BEGIN
    DELETE FROM heat_days WHERE source_id = new.source_id AND day = new.minute / 1440;
END;

CREATE TRIGGER footprint_removed AFTER DELETE ON footprints BEGIN
    DELETE FROM heat_days WHERE source_id = old.source_id AND day = old.minute / 1440;
END;

CREATE TRIGGER track_renamed AFTER UPDATE OF label ON people_tracks
WHEN old.label IS NOT new.label BEGIN
    DELETE FROM heat_days WHERE source_id = new.source_id
    AND day BETWEEN old.first_seen / 86400000 AND new.last_seen / 86400000;
END;

CREATE INDEX zone_stays_of_track ON zone_stays(track);

CREATE INDEX crossings_of_track ON crossings(track);

CREATE TABLE stills (
    source_id INTEGER PRIMARY KEY REFERENCES sources(id) ON DELETE CASCADE,
    t INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    jpeg BLOB NOT NULL
);

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID
"""

_SUMS = (
    "SELECT source_id, minute / 15, sum(seconds_observed), "
    + ", ".join(f"sum(seconds_{state})" for state in UNWATCHED)
    + " FROM coverage"
)
_QUARTERS = (
    """
CREATE TABLE coverage_quarters (
    source_id INTEGER NOT NULL,
    quarter INTEGER NOT NULL,
    seconds_observed REAL NOT NULL,
    seconds_stale REAL NOT NULL,
    seconds_down REAL NOT NULL,
    seconds_stopped REAL NOT NULL,
    PRIMARY KEY (source_id, quarter)
) WITHOUT ROWID
""",
    *(
        f"""
CREATE TRIGGER coverage_{what} AFTER {event} ON coverage BEGIN
    DELETE FROM coverage_quarters WHERE source_id = {row}.source_id
    AND quarter = {row}.minute / 15;
    INSERT INTO coverage_quarters {_SUMS} WHERE source_id = {row}.source_id
    AND minute BETWEEN {row}.minute / 15 * 15 AND {row}.minute / 15 * 15 + 14 GROUP BY 1, 2;
END
"""
        for what, event, row in (
            ("added", "INSERT", "new"),
            ("changed", "UPDATE", "new"),
            ("moved", "UPDATE OF source_id, minute", "old"),
            ("removed", "DELETE", "old"),
        )
    ),
)
