"""Files that people send: named safely, checked by their content, kept whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from ...errors import OutputError, SourceUnreadable, TrackingError
from ...streamers import PICTURES
from .trial import Trial

FOLDER = "recordings"
RESERVE = 500_000_000  # bytes that stay free on the disk: the database needs room, too
LONGEST = 100  # characters of a stored file's name
CHUNK = 1 << 20


class Upload(Protocol):
    """What a browser sent: Streamlit's UploadedFile is one. size: bytes."""

    name: str
    size: int

    def read(self, size: int = ..., /) -> bytes: ...

    def seek(self, place: int, /) -> int: ...


def safe_name(name: str) -> str:
    """A file's name without folders, control characters and signs that some system refuses."""
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join("_" if _is_risky(sign) else sign for sign in base)
    stem, ending = os.path.splitext(kept.strip(" .") or "recording")
    stem, ending = stem.strip(" .-~") or "recording", ending if len(ending) <= 12 else ""
    while len((stem + ending).encode()) > LONGEST:
        stem = stem[:-1]
    return stem + ending


def _is_risky(sign: str) -> bool:
    """Whether it means something to some system, or to a source's uri, where ${X} is a variable."""
    return sign in '<>:"|?*%${}' or (sign != " " and unicodedata.category(sign)[0] in "CZ")


def free_bytes(folder: Path) -> int:
    """What may still be stored there, the reserve left aside."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return max(0, shutil.disk_usage(folder).free - RESERVE)


def check_room(uploads: Sequence[Upload], folder: Path) -> None:
    """Raise OutputError if the files do not fit on the disk."""
    needed, free = sum(upload.size for upload in uploads), free_bytes(folder)
    if needed > free:
        raise OutputError(
            f"there is room for {free / 1e6:.0f} MB in {folder}, and this is {needed / 1e6:.0f} MB"
        )


def is_picture(name: str) -> bool:
    return Path(name).suffix.lower() in PICTURES


def keep_video(upload: Upload, folder: Path) -> Path:
    """Store a video in a folder, made where it is missing; gives where it lies.

    Raises SourceUnreadable for what is no video by its content, OutputError for a disk that is
    full or read-only. Then nothing is left behind.
    """
    check_room([upload], folder)
    part = _part(folder)
    try:
        _write(upload, part)
        _check(upload.name, part)
        return _named(part, folder / safe_name(upload.name))
    finally:
        part.unlink(missing_ok=True)


def keep_pictures(uploads: Sequence[Upload], folder: Path, name: str) -> Path:
    """Store pictures as a folder of that name within `folder`; errors as for `keep_video`."""
    check_room(uploads, folder)
    _made(folder)
    part = Path(tempfile.mkdtemp(dir=folder, prefix=".upload-"))
    try:
        for upload in uploads:
            _write(upload, _unused(part / safe_name(upload.name)))
        _check(f"{len(uploads)} pictures" if len(uploads) > 1 else uploads[0].name, part)
        part.chmod(0o755)
        target = _unused(folder / safe_name(name))
        os.rename(part, target)
        return target
    except OSError as error:
        raise _unstored(folder, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _check(name: str, part: Path) -> None:
    """Refuse what gives no picture. A process of its own looks: strangers' files crash decoders."""
    error = Trial({"uri": str(part.absolute())}, part.parent, uploaded=True).wait().error
    if error is not None:
        why = "is no video that can be read" if part.is_file() else "cannot be read as pictures"
        raise SourceUnreadable(f"{name} {why}")


def _part(folder: Path) -> Path:
    _made(folder)
    try:
        handle, name = tempfile.mkstemp(dir=folder, prefix=".upload-", suffix=".part")
    except OSError as error:
        raise _unstored(folder, error) from error
    os.close(handle)
    return Path(name)


def _made(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unstored(folder, error) from error


def _write(upload: Upload, path: Path) -> None:
    upload.seek(0)
    try:
        with open(path, "wb") as file:
            while chunk := upload.read(CHUNK):
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise _unstored(path.parent, error) from error


def _named(part: Path, wanted: Path) -> Path:
    """Give a finished file its name without ever replacing another."""
    target = wanted
    for number in range(2, 10_000):
        try:
            os.close(os.open(target, os.O_CREAT | os.O_EXCL, 0o644))
            break
        except FileExistsError:
            target = _numbered(wanted, number)
        except OSError as error:
            raise _unstored(wanted.parent, error) from error
    try:
        os.chmod(part, 0o644)
        os.replace(part, target)
    except OSError as error:
        with suppress(OSError):
            target.unlink()
        raise _unstored(wanted.parent, error) from error
    return target


def _unused(wanted: Path) -> Path:
    target, number = wanted, 2
    while target.exists():
        target, number = _numbered(wanted, number), number + 1
    return target


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.stem}-{number}{path.suffix}")


def _unstored(folder: Path, error: OSError) -> TrackingError:
    return OutputError(f"nothing can be stored in {folder}: {error.strerror or error}")


def discard(path: Path) -> None:
    """Delete what was kept after all."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
