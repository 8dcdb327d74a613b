"""Where a source's pictures come from, as its `uri` says it: a camera, an address or a path."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import quote, urlsplit

from ..errors import SettingsError
from ..streamers import without_credentials

SCHEMES = ("rtsp", "rtsps", "http", "https", "rtmp", "rtmps", "srt", "udp", "tcp")
ADDRESS = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
PUSHED = re.compile("push:[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
LOGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#]*@", re.IGNORECASE)
VARIABLE = re.compile(r"\$\{([^}]*)\}")


def one_line(text: str) -> bool:
    """Whether a text can be printed and stored: no control character, no line's end in it."""
    return not any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in text)


def is_camera(uri: str) -> bool:
    return uri.isascii() and uri.isdigit()


def is_address(uri: str) -> bool:
    return ADDRESS.match(uri) is not None


def is_pushed(uri: str) -> bool:
    return uri.startswith("push:")


def is_live(uri: str) -> bool:
    """Whether pictures come from there when they come, and not from a recording."""
    return is_camera(uri) or is_address(uri) or is_pushed(uri)


def may_hold_a_password(text: str) -> bool:
    """Whether a text that should be something else may be an address with its password."""
    return "://" in text or re.match("[^@]*:[^@]*@", text) is not None


def variables(uri: str) -> list[str]:
    """The names of the environment variables in it, each written as `${NAME}`."""
    return list(dict.fromkeys(VARIABLE.findall(uri)))


def checked(uri: str) -> str:
    """The uri, if it can be one; a variable in it may stand for anything.

    Raises ValueError, whose message shows nothing of the uri that may be secret.
    """
    if not uri.strip():
        raise ValueError("is empty; name a camera's number, an address, a file or a folder")
    if not one_line(uri):
        raise ValueError("holds a control character")
    if is_camera(uri) and len(uri) > 9:
        raise ValueError("is too large for a camera's number")
    names = variables(uri)
    if not all(re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name) for name in names):
        raise ValueError("holds a ${...} that is no variable's name; write it like ${CAMERA_LOGIN}")
    if is_pushed(uri):
        if not PUSHED.fullmatch(VARIABLE.sub("1", uri)):
            raise ValueError("should be push:NAME, with a name of letters, digits and . _ -")
    elif found := ADDRESS.match(uri):
        _check_address(VARIABLE.sub("1", uri), found[1].lower())
    elif may_hold_a_password(uri):
        raise ValueError("looks like an address with a password; write it with rtsp:// or http://")
    return uri


def _check_address(address: str, scheme: str) -> None:
    if scheme not in SCHEMES:
        close = get_close_matches(scheme, SCHEMES, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(SCHEMES)}"
        raise ValueError(f"there is no kind of address {scheme!r}; {hint}")
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        # `from None`: the reason repeats a part of the address, perhaps of the password
        raise ValueError(
            "has no port where an address has one; in a password write / ? # as %2F %3F %23"
        ) from None
    if not parts.netloc:
        raise ValueError("names no host")


def expanded(uri: str, environment: Mapping[str, str] = os.environ) -> str:
    """The uri with its variables replaced by their values.

    A value in the part before the host's @ is taken as it is, whatever signs the password is made
    of; elsewhere it is put in unchanged. Raises SettingsError for a variable that is not set.
    """
    login = LOGIN.match(uri)
    end = login.end() if login else 0

    def value(found: re.Match[str]) -> str:
        if found[1] not in environment:
            raise SettingsError(f"the environment variable {found[1]} is not set")
        text = environment[found[1]]
        return quote(text, ":", errors="surrogateescape") if found.start() < end else text

    return VARIABLE.sub(value, uri)


def without_secrets(uri: str) -> str:
    """An address whose host is as it is and the values of all other variables are hidden.

    A variable in the path may be a password or a stream's key: nobody can tell. Raises
    SettingsError for a variable that is not set.
    """
    authority = re.match(r"[a-z][a-z0-9+.-]*://[^/?#]*", uri, re.IGNORECASE)
    end = authority.end() if authority else 0
    return without_credentials(expanded(uri[:end]) + VARIABLE.sub("***", uri[end:]))


def absolute(uri: str, folder: Path) -> str:
    """A path as an absolute one, relative ones counted from `folder`; all else as it is."""
    if is_live(uri):
        return uri
    return str(folder.absolute() / os.path.expanduser(uri))
