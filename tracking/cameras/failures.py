"""Why there is no picture: what sockets, HTTP and FFmpeg raise, as errors of ours in words.

Foreign messages hold the address with its credentials, so nothing of them is passed on.
"""

from __future__ import annotations

import errno
import http.client
import os
import socket
import ssl
import urllib.error
from collections.abc import Callable
from urllib.parse import urlsplit

from ..errors import SourceDenied, SourceError, SourceNotFound, SourceUnreadable

_HTTP_OF_FFMPEG = {
    "HTTPBadRequestError": 400,
    "HTTPUnauthorizedError": 401,
    "HTTPForbiddenError": 403,
    "HTTPNotFoundError": 404,
    "HTTPTooManyRequestsError": 429,
}
_Kind = Callable[[str], SourceError]


def not_opened(shown: str, address: str, error: Exception) -> SourceError:
    """The error for a source that could not be opened; shown: its address without credentials."""
    kind, why = _cause(error, address)
    return kind(f"{shown} gives no video: {why}")


def broken_off(error: Exception) -> str:
    """Why a stream that was open ended, in words."""
    if _is_timeout(error):
        return "nothing more came"
    if isinstance(error, ConnectionError):
        return "the connection was broken off"
    if isinstance(error, (ValueError, http.client.HTTPException)):
        return "what came could not be read"
    code = getattr(error, "errno", None)
    return os.strerror(code) if isinstance(code, int) and 0 < code < 200 else "it ended"


def _cause(error: Exception, address: str) -> tuple[_Kind, str]:
    if isinstance(error, urllib.error.HTTPError):
        return _status(error.code, address)
    if isinstance(error, urllib.error.URLError):
        reason = error.reason
        return _cause(reason if isinstance(reason, Exception) else ValueError(), address)
    name = type(error).__name__
    if name in _HTTP_OF_FFMPEG:
        return _status(_HTTP_OF_FFMPEG[name], address)
    if name in ("HTTPOtherClientError", "HTTPServerError"):
        return SourceUnreadable, "the server answers with an error"
    if type(error) is ValueError or isinstance(error, (http.client.InvalidURL, UnicodeError)):
        return SourceNotFound, "that is not an address that can be opened"
    if name == "ProtocolNotFoundError":
        return SourceNotFound, "addresses of that kind cannot be opened"
    if isinstance(error, socket.gaierror) or _is_lost_name(error, address):
        return SourceNotFound, "there is no host of that name"
    if isinstance(error, ConnectionRefusedError):
        return SourceNotFound, "nobody listens there (connection refused)"
    if _is_timeout(error):
        return SourceNotFound, "nothing answered in time"
    if isinstance(error, ssl.SSLError):
        return SourceUnreadable, "no encrypted connection comes about"
    if isinstance(error, (ConnectionError, http.client.RemoteDisconnected, EOFError)):
        return SourceUnreadable, "the server closes the connection without an answer"
    if isinstance(error, http.client.HTTPException):
        return SourceUnreadable, "the server does not answer as HTTP wants it"
    if isinstance(error, OSError) and error.errno not in (None, errno.EIO, errno.EINVAL):
        return SourceNotFound, os.strerror(abs(error.errno or 0))
    return SourceUnreadable, "what comes from there is not a video"


def _status(code: int, address: str) -> tuple[_Kind, str]:
    if code in (401, 403, 407):
        known = "@" in urlsplit(address).netloc
        if code == 403:
            return SourceDenied, "the server refuses access (403)"
        asked = "does not accept" if known else "asks for"
        return SourceDenied, f"the server {asked} the user name and password ({code})"
    if code in (404, 410):
        return SourceNotFound, f"the server has nothing under that path ({code})"
    if 300 <= code < 400:
        return SourceUnreadable, f"the server leads from one address to the next ({code})"
    name = http.client.responses.get(code, "an unknown error")
    return SourceUnreadable, f"the server answers {code} {name}"


def _is_timeout(error: Exception) -> bool:
    return isinstance(error, TimeoutError) or type(error).__name__ == "ExitError"


def _is_lost_name(error: Exception, address: str) -> bool:
    """FFmpeg says no more than "input/output error" when it does not find a host."""
    if getattr(error, "errno", None) != errno.EIO:
        return False
    try:
        host = urlsplit(address).hostname
        return bool(host) and not socket.getaddrinfo(host, None)
    except ValueError:
        return False
    except OSError:
        return True
