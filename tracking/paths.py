"""What must be known about a path before anything is opened or written."""

from __future__ import annotations

from pathlib import Path

from .errors import OutputError


def writable_as_text(text: str) -> bool:
    """Whether C libraries can take it; a file name of undecodable bytes crashes some of them."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def keep_clear(output: Path, *precious: Path) -> None:
    """Raise OutputError if writing to `output` would destroy one of the others."""
    for path in precious:
        same = output.exists() and path.exists() and output.samefile(path)
        if same or output.absolute() == path.absolute():
            raise OutputError(f"{output} is in use here; writing it would destroy {path}")
        if path.is_dir() and path.resolve() in output.resolve().parents:
            raise OutputError(f"{output} lies in the folder of pictures {path} that is read")
