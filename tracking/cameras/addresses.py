"""Addresses as they may be shown and stored: without user names, passwords and tokens."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import quote, unquote, unquote_plus

HIDDEN = "***"
_LONG = re.compile(
    "pass|pwd|psw|user|usr|uname|login|account|cred|token|secret|auth|bearer|jwt|session"
    "|signature|hmac|nonce|ticket|streamid|key$"
)
_SHORT = {"p", "pw", "u", "un", "pin", "psk", "uid", "sid", "sig", "hash", "md5"}
_ADDRESS = re.compile(
    r"((?:[a-z][a-z0-9+.-]*:)?/+|(?:rtsps?|rtmps?|https?|srt|tcp|udp):|)([^/?#]*)(.*)",
    re.IGNORECASE | re.DOTALL,
)
# cameras also take `user=admin_password=x_channel=1` in the path: a value ends where a key begins
_PAIR_IN_PATH = re.compile(r"([^=&;/]+)=(.*?)(?=[&;/]|_[a-z]+=|$)", re.IGNORECASE | re.DOTALL)


def without_credentials(address: str) -> str:
    """The address with its user name, password and tokens replaced, fit for logs and the database.

    Hides what stands before the `@`, also where signs in the password tear the address apart, and
    the values of keys that sound like a secret. When in doubt it hides.
    """
    if address.startswith(("/", "./", "../")):
        return address
    scheme, host, rest = _parts(address)
    if "@" in host:
        host = f"{HIDDEN}@{host.rpartition('@')[2]}"
    elif scheme and _has_no_port(host):
        host = HIDDEN  # user:password and no host
    path, query, more = re.fullmatch(r"([^?#]*)([?#]?)(.*)", rest, re.DOTALL).groups()  # type: ignore[union-attr]
    path = _PAIR_IN_PATH.sub(lambda pair: _shown_pair(*pair.groups()), path)
    return scheme + host + path + query + _shown_query(more)


def name_of(address: str) -> str:
    """What a source at this address, which is free of credentials, is called by default."""
    if address.isdigit():
        return f"camera-{address}"
    bare = re.sub(r"[^/?#&_]*=\*\*\*[_&;]?|\*\*\*@?", "", address)
    _, host, rest = _parts(bare)
    stem = PurePosixPath(re.split("[?#]", rest)[0]).stem
    return "-".join(filter(None, (host, stem))) or address


def _parts(address: str) -> tuple[str, str, str]:
    """Scheme with its slashes, host with what stands before it, and the rest."""
    match = _ADDRESS.fullmatch(address)
    assert match is not None  # it takes any text
    scheme, host, rest = match.groups()
    if "@" not in host:
        host = re.sub("%40", "@", host)
    # a sign in the password that should have been encoded ends the host too early
    torn = "@[^@]*$" if _has_no_port(host) else "^(/[^?#]*|[?#][^=&]*)@"
    if "@" not in host and ":" in _after_bracket(host) and re.search(torn, rest):
        host, rest = re.fullmatch(r"(.*@[^/?#]*)(.*)", host + rest, re.DOTALL).groups()  # type: ignore[union-attr]
    return scheme, host, rest


def _after_bracket(host: str) -> str:
    return host.rpartition("]")[2]  # an IPv6 host has colons of its own


def _has_no_port(host: str) -> bool:
    """Whether what follows a colon cannot be a port."""
    return re.search(r":(?!\d*$)", _after_bracket(host)) is not None


def _shown_query(query: str) -> str:
    shown, secret = [], False
    for part in re.split(r"([&;#])", query):
        if part in ("&", ";", "#", ""):
            shown.append(part)
            continue
        key, equals, value = part.partition("=")
        if equals:
            pair = _shown_pair(key, value)
            secret = pair != part
            shown.append(pair)
        else:  # a bare word: user:password, or the rest of a secret with a sign in it
            shown.append(HIDDEN if secret or ":" in unquote(part) else part)
    return "".join(shown)


def _shown_pair(key: str, value: str) -> str:
    if value and _sounds_secret(unquote_plus(key)):
        return f"{key}={HIDDEN}"
    inner = unquote(value)
    if "://" in inner and (shown := without_credentials(inner)) != inner:
        return f"{key}={shown if inner == value else quote(shown, safe='*')}"
    return f"{key}={value}"


def _sounds_secret(key: str) -> bool:
    word = re.sub("[^a-z0-9]", "", key.lower())
    return word in _SHORT or _LONG.search(word) is not None
