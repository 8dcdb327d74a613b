"""Replacing a file in one step, by one process at a time."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from ..errors import ConfigError

PATIENCE = 10.0  # seconds to wait while another process changes the file


@contextmanager
def locked(path: Path) -> Iterator[Path]:
    """Keep other processes from changing the file; gives what the path finally leads to.

    Raises ConfigError where nothing can be written, or when the other process takes too long.
    """
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise ConfigError(f"{path} cannot be written: there is no folder {target.parent}")
    file = target.with_name(f".{target.name}.lock")
    lock = FileLock(file, timeout=PATIENCE)
    try:
        file.touch()  # where nothing can be written, say so at once: the lock would wait
        lock.acquire()
    except Timeout:
        raise ConfigError(f"{path} is being changed by another process") from None
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        yield target
    finally:
        lock.release()


def replace(path: Path, target: Path, data: bytes) -> None:
    """Put new content at `target`: whoever reads meanwhile gets all of the old or all of the new.

    Permissions and owner stay; a new file is for its owner's eyes. Raises ConfigError, which
    calls the file `path`.
    """
    try:
        before = target.stat() if target.exists() else None
        if before and not (before.st_mode & 0o222 and os.access(target, os.W_OK)):
            raise ConfigError(f"{path} cannot be written: it is read-only")
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".new")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if before:
                _like(name, before)
            os.replace(name, target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
    except OSError as error:
        raise _unwritable(path, error) from error


def _like(name: str, before: os.stat_result) -> None:
    with suppress(PermissionError):  # only root may give files away
        os.chown(name, before.st_uid, before.st_gid)
    os.chmod(name, before.st_mode & 0o7777)


def _sync_folder(folder: Path) -> None:
    """A power cut after this does not bring the old file back."""
    with suppress(OSError):  # some file systems know no such thing
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _unwritable(path: Path, error: OSError) -> ConfigError:
    return ConfigError(f"{path} cannot be written: {error.strerror or error}")
