"""Signed, expiring tokens for the URLs of routes, which Streamlit's login does not cover."""

from __future__ import annotations

import os
import secrets
import time

from itsdangerous import BadData, URLSafeSerializer

from .lasting import once

LIFE = 3600  # seconds for which a token is good at least
STEP = 600  # seconds in which the token stays the same: a page that is run again changes nothing


def token(now: float | None = None) -> str:
    """A token that is good for an hour from now. now: seconds since 1970."""
    moment = time.time() if now is None else now
    return str(_signer().dumps((int(moment) // STEP + 1) * STEP + LIFE))


def is_good(given: str | None, now: float | None = None) -> bool:
    """Whether this server made that token and its time is not over."""
    moment = time.time() if now is None else now
    try:
        until = _signer().loads(given or "")  # compares in constant time
    except BadData:
        return False
    return isinstance(until, int) and moment < until


def _signer() -> URLSafeSerializer:
    """Signs with TRACKING_SECRET, or with a secret that lives as long as this process."""
    secret = os.environ.get("TRACKING_SECRET") or once("secret", lambda: secrets.token_hex(32))
    return URLSafeSerializer(secret, salt="live pictures")
