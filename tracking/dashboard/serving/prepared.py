"""Files that are ready to be taken away, each under a name of its own in the system's temporary
folder for as long as somebody may ask for it.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock, Timeout

from .lasting import once

FOLDER = "sightline-export-"
LOCK = "lock"


class Prepared:
    """A file that is ready to be taken away; it goes when nobody knows of it any more.

    name: under which it is saved. mime: what it is. asked: what it was made of. id: nobody can
    guess it.
    """

    def __init__(self, name: str, mime: str, asked: tuple[object, ...] = ()) -> None:
        self.name, self.mime, self.asked = name, mime, asked
        self.id = secrets.token_urlsafe(16)
        self.rows = 0
        folder = tempfile.mkdtemp(prefix=FOLDER)
        self.path = Path(folder) / "export"
        # let go of by the system however this process ends, which is how `sweep` knows
        lock = FileLock(Path(folder) / LOCK, thread_local=False)
        lock.acquire(timeout=0)
        self._gone = weakref.finalize(self, _remove, folder, lock)
        _all()[self.id] = self

    def open(self) -> BinaryIO:
        return self.path.open("rb")

    def remove(self) -> None:
        self._gone()


def find(id: str) -> Prepared | None:
    """The file of that id, while it is there."""
    found = _all().get(id)
    return found if found is not None and found.path.is_file() else None


def sweep() -> None:
    """Remove what servers have left behind that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER}*"):
        with suppress(OSError, Timeout):
            if _is_ours(folder):
                lock = FileLock(folder / LOCK, thread_local=False)
                lock.acquire(timeout=0)
                _remove(str(folder), lock)


def _remove(folder: str, lock: FileLock) -> None:
    lock.release()
    shutil.rmtree(folder, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    """Whether it is a folder of this user: everybody may put things beside it."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    return not hasattr(os, "geteuid") or folder.lstat().st_uid == os.geteuid()


def _all() -> weakref.WeakValueDictionary[str, Prepared]:
    return once("prepared", weakref.WeakValueDictionary)
