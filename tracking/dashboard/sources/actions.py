"""What can be done with sources: adding, changing, pausing, removing and getting it back."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ... import config
from ...config import SourceSettings
from ...database import describing, open_readonly
from ...errors import OutputError, TrackingError
from ...times import iso, known_zone
from ..places import Places
from ..serving import supervising
from . import uploads
from .drafts import changes, suggested

NOTICED = 6.0  # seconds within which a runner lets go of a source that was removed
LAST_ROWS = 1.0  # seconds after that in which what it saw last is written: that would bring it back


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the database holds of a source. minutes: that were watched; since, until: ISO 8601 in
    its zone."""

    tracks: int
    positions: int
    runs: int
    minutes: int
    since: str | None
    until: str | None

    @property
    def is_nothing(self) -> bool:
        """Whether it never gave a picture; that nobody was seen is worth keeping."""
        return not self.tracks and not self.minutes


def add(places: Places, settings: dict[str, Any]) -> None:
    """Put a source into the file; raises SettingsError, ConfigError."""
    config.add(places.config, SourceSettings.of(settings))


def add_uploads(
    places: Places,
    settings: dict[str, Any],
    files: Sequence[uploads.Upload],
    say: Callable[[str], object] = lambda line: None,
) -> tuple[list[str], list[str]]:
    """Keep files and make sources of them: each video one, the pictures together one.

    say: is told which file it is at. Gives the names of the sources, and one sentence for each
    file that was refused, of which then nothing is left.
    """
    pictures = [file for file in files if uploads.is_picture(file.name)]
    videos = [[file] for file in files if not uploads.is_picture(file.name)]
    batches = [*videos, *([pictures] if pictures else [])]
    added: list[str] = []
    refused: list[str] = []
    for batch in batches:
        title = batch[0].name if len(batch) == 1 else f"{len(batch)} pictures"
        say(title)
        alone = settings if len(batches) == 1 else {**settings, "name": ""}
        try:
            added.append(_add_upload(places, alone, batch))
        except TrackingError as error:
            refused.append(str(error))
    return added, refused


def _add_upload(places: Places, settings: dict[str, Any], batch: list[uploads.Upload]) -> str:
    folder = places.config.parent / uploads.FOLDER
    taken = {source.name for source in config.load(places.config).sources}
    first = uploads.safe_name(batch[0].name)
    name = settings.get("name") or suggested(first, taken)
    SourceSettings.of({**settings, "name": name, "uri": f"{uploads.FOLDER}/{first}"})
    if uploads.is_picture(batch[0].name):
        path = uploads.keep_pictures(batch, folder, name)
    else:
        path = uploads.keep_video(batch[0], folder)
    try:
        add(places, {**settings, "name": name, "uri": f"{uploads.FOLDER}/{path.name}"})
    except TrackingError:
        uploads.discard(path)
        raise
    return name


def change(
    places: Places, name: str, settings: dict[str, Any], before: Mapping[str, Any]
) -> dict[str, Any]:
    """Write what differs from the settings before, and nothing else; gives that.

    before: as the file held them when somebody began to change them; what others have changed
    since stays. Raises SettingsError, ConfigError.
    """
    changed = changes(before, settings)
    if changed:
        config.change(places.config, name, **changed)
    return changed


def set_enabled(places: Places, name: str, enabled: bool) -> None:
    """Pause a source or go on with it."""
    config.change(places.config, name, enabled=None if enabled else False)


def use_motion(places: Places, name: str) -> None:
    """Let a source do without weights."""
    config.change(places.config, name, detector="motion", classes=None)


def remove(places: Places, name: str) -> dict[str, Any]:
    """Take a source out of the file; gives what it said, to bring it back with `add`."""
    written = config.written(places.config, name)
    config.remove(places.config, name)
    return written


def delete_recorded(
    places: Places, name: str, progress: Callable[[float], object] = lambda part: None
) -> None:
    """Delete what was recorded of a source that was removed; progress: is told the part done.

    Waits until the runner has let go of it. Raises DatabaseError.
    """
    from ...retention import remove_source

    wait_until_let_go(name)
    remove_source(places.database, name, lambda done, total: progress(done / max(1, total)))


def wait_until_let_go(name: str, limit: float = NOTICED) -> None:
    """Return when no runner watches a source of that name any more; OutputError if it goes on."""
    deadline = time.monotonic() + limit
    while True:
        health = supervising.health(supervising.state().url)
        if health is None:
            return
        if name not in health.get("sources", {}):
            time.sleep(LAST_ROWS)
            return
        if time.monotonic() > deadline:
            raise OutputError(f"The runner still watches {name}, so its data was not deleted")
        time.sleep(0.2)


def no_longer_watched(database: Path, watched: Collection[str]) -> list[str]:
    """The sources of which something is recorded but which are not in the file any more."""
    if not database.exists():
        return []
    with (
        suppress(TrackingError),
        closing(open_readonly(database)) as connection,
        describing(database),
    ):
        names = connection.execute("SELECT name FROM sources ORDER BY name").fetchall()
        return [name for (name,) in names if name not in watched]
    return []


def recorded(database: Path, name: str) -> Recorded | None:
    """What the database holds of a source; None for nothing."""
    if not database.exists():
        return None
    with (
        suppress(TrackingError),
        closing(open_readonly(database)) as connection,
        describing(database),
    ):
        known = connection.execute(
            "SELECT id, timezone FROM sources WHERE name = ?", (name,)
        ).fetchone()
        if known is None:
            return None
        source, timezone = known[0], known_zone(known[1])
        tracks, positions = connection.execute(
            "SELECT count(*), coalesce(sum(positions), 0) FROM people_tracks WHERE source_id = ?",
            (source,),
        ).fetchone()
        runs, since, until = connection.execute(
            "SELECT count(*), min(started_at), max(ended_at) FROM runs WHERE source_id = ?",
            (source,),
        ).fetchone()
        (minutes,) = connection.execute(
            "SELECT count(*) FROM coverage WHERE source_id = ? AND seconds_observed > 0", (source,)
        ).fetchone()
        told = [
            None if t is None else iso(t, timezone)[:16].replace("T", " ") for t in (since, until)
        ]
        return Recorded(tracks, positions, runs, minutes, *told)
    return None
