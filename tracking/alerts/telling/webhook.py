"""Messages as HTTP POST."""

from __future__ import annotations

import hashlib
import hmac
import socket
import ssl
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import HTTPBasicAuthHandler as Basic
from urllib.request import HTTPPasswordMgrWithPriorAuth as Logins
from urllib.request import HTTPRedirectHandler, Request, build_opener

from ... import __version__
from ...config import ChannelSettings
from ...errors import ChannelFailed

SIGNATURE = "X-Sightline-Signature"


def post(channel: ChannelSettings, text: str, number: int, limit: float) -> str:
    """Post a message to a filled webhook; what it answered, in words.

    number: of the delivery, so that one that comes twice can be told. limit: seconds to wait for
    each answer of the other side. Raises ChannelFailed, whose text shows nothing of the address.
    """
    assert channel.url is not None
    body = text.encode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": f"sightline/{__version__}",
        "X-Sightline-Delivery": str(number),
    }
    if channel.secret:
        headers[SIGNATURE] = signature(channel.secret, body)
    url, logins = _without_login(channel.url)
    opener = build_opener(_NoRedirects, Basic(logins))
    try:
        with opener.open(Request(url, body, headers, method="POST"), timeout=limit) as answer:
            return f"answered {answer.status}"
    except HTTPError as error:
        with error:
            also = ", and redirects are not followed" if 300 <= error.code < 400 else ""
            raise ChannelFailed(f"answered {error.code}{also}") from None
    except (URLError, OSError, HTTPException, ValueError) as error:
        raise ChannelFailed(reason(error)) from None  # `from None`: it may repeat the address


def signature(secret: str, body: bytes) -> str:
    """Of a body: `sha256=` and the HMAC in hexadecimal digits."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def reason(error: BaseException) -> str:
    """Why nothing was answered, in our own words."""
    if isinstance(error, URLError) and isinstance(error.reason, BaseException):
        error = error.reason
    if isinstance(error, TimeoutError):
        return "gave no answer in time"
    if isinstance(error, ConnectionRefusedError):
        return "nobody listens there"
    if isinstance(error, socket.gaierror):
        return "the host is not known"
    if isinstance(error, ssl.SSLError):
        return "its certificate or encryption is not right"
    if isinstance(error, OSError) and error.errno:
        return f"cannot be reached ({error.strerror})"
    return f"gave no answer that can be read ({type(error).__name__})"


def _without_login(url: str) -> tuple[str, Logins]:
    """The address, and user name and password of it, which are sent as Basic authentication."""
    parts = urlsplit(url)
    login, _, host = parts.netloc.rpartition("@")
    bare = urlunsplit((parts.scheme, host, parts.path or "/", parts.query, ""))
    logins = Logins()
    if login:
        user, _, password = login.partition(":")
        logins.add_password(None, bare, unquote(user), unquote(password), is_authenticated=True)
    return bare, logins


class _NoRedirects(HTTPRedirectHandler):
    """Where a redirect leads nobody has agreed to."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None
