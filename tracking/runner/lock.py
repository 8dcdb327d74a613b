"""One runner for a database: who holds it, and where its pages are."""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from ..errors import DatabaseError, RunnerRunning
from ..times import iso, now_ms


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that runs a database's sources. started_at: ms UTC; url: of its HTTP server."""

    pid: int
    started_at: int
    config: str
    url: str | None = None


def holder(database: str | Path) -> Holder | None:
    """Who says to be running this database's sources; the word of one that was killed stays."""
    try:
        return Holder(**json.loads(beside(database, "json").read_text()))
    except (OSError, ValueError, TypeError):
        return None


def is_held(database: str | Path) -> bool:
    """Whether a runner has this database now; unlike its word, its lock goes when it is killed."""
    path = beside(database, "lock")
    if not path.exists():
        return False
    try:
        with FileLock(path, timeout=0):
            return False
    except (Timeout, OSError):
        return True


class Hold:
    """Tells others about the runner while it holds the database."""

    def __init__(self, database: Path, config: Path) -> None:
        self._path = beside(database, "json")
        self._holder = Holder(os.getpid(), now_ms(), str(config.absolute()))

    @property
    def started_at(self) -> int:
        return self._holder.started_at

    def tell(self, url: str | None) -> None:
        told = asdict(self._holder) | {"url": url}
        new = self._path.with_name(self._path.name + ".new")
        try:
            new.write_text(json.dumps(told))
            os.replace(new, self._path)
        except OSError as error:
            with suppress(OSError):
                new.unlink()
            raise DatabaseError(f"{self._path} cannot be written: {error.strerror}") from error

    def forget(self) -> None:
        with suppress(OSError):
            self._path.unlink()


@contextmanager
def held(database: Path, config: Path) -> Generator[Hold, None, None]:
    """Hold a database against other runners; raises RunnerRunning, naming the one that has it."""
    if not database.absolute().parent.is_dir():  # the lock would make it
        raise DatabaseError(
            f"There is no folder {database.parent} for the database {database.name}"
        )
    lock = FileLock(beside(database, "lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise RunnerRunning(_already(database)) from None
    hold = Hold(database, config)
    try:
        hold.tell(None)
        yield hold
    finally:
        hold.forget()
        lock.release()


def _already(database: Path) -> str:
    other = holder(database)
    if other is None:
        return f"{database} is held by another runner"
    where = f", at {other.url}" if other.url else ""
    return (
        f"{database} is held by another runner: process {other.pid}, "
        f"since {iso(other.started_at)}{where}"
    )


def beside(database: str | Path, ending: str) -> Path:
    """A file of the runner's, next to its database."""
    path = Path(database).resolve()  # by whatever name it is opened, it is one database
    return path.with_name(f"{path.name}-runner.{ending}")
