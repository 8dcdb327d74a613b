"""One HTTP request whose answer never ends, and that any thread can end."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

PIECE = 1 << 16


class WebStream:
    """The body of an HTTP answer. After `cut` every read gives nothing more.

    Follows redirections and knows Basic and Digest access. A camera's certificate is not checked:
    cameras sign their own.
    Raises OSError, ValueError or HTTPException where the request fails or the connection breaks.
    """

    def __init__(self, address: str, timeout: float) -> None:
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._is_cut = False
        self._address = address
        self._timeout = timeout
        self._answer: Any = None
        self._first = b""

    def open(self) -> None:
        bare, user, password = _apart(self._address)
        passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        # for all of this server, and for no other that it may lead to
        passwords.add_password(None, urljoin(bare, "/"), user, password)
        opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.ProxyHandler(),
            _Handler(self._remember),
            urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.HTTPErrorProcessor(),
            urllib.request.HTTPRedirectHandler(),
            _Digest(passwords),
            _Basic(passwords),
        ):
            opener.add_handler(handler)
        request = urllib.request.Request(bare, headers={"User-Agent": "Sightline", "Accept": "*/*"})
        try:
            self._answer = opener.open(request, timeout=self._timeout)
        except urllib.error.HTTPError as error:
            error.close()
            raise

    @property
    def content_type(self) -> str:
        """What the server calls it, in lower case without parameters, like video/mp2t."""
        return str(self._answer.headers.get_content_type())

    @property
    def is_endless(self) -> bool:
        return self._answer.headers.get("Content-Length") is None

    def peek(self) -> bytes:
        """The first bytes, which `read` gives again; a few at least, if there are so many."""
        while len(self._first.lstrip()) < 8 and (more := self._read(PIECE)):
            self._first += more
        return self._first

    def read(self, size: int = PIECE) -> bytes:
        """What has come, at most `size` bytes; waits for the first of them. Empty at the end."""
        if self._first:
            given, self._first = self._first[:size], self._first[size:]
            return given
        return self._read(size)

    def _read(self, size: int) -> bytes:
        try:
            data: bytes = self._answer.read1(size)
        except (OSError, ValueError, http.client.HTTPException):
            if self._is_cut:
                return b""
            raise
        return data

    def cut(self) -> None:
        with self._lock:
            self._is_cut = True
            for connection in self._sockets:
                _shut(connection)

    def close(self) -> None:
        self.cut()
        if self._answer is not None:
            self._answer.close()

    def _remember(self, connection: socket.socket) -> None:
        with self._lock:
            self._sockets.append(connection)
            if self._is_cut:
                _shut(connection)


class _Handler(urllib.request.AbstractHTTPHandler):
    """Tells of each socket, so that it can be shut while another thread reads from it."""

    def __init__(self, remember: Callable[[socket.socket], None]) -> None:
        super().__init__()
        self._remember = remember

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self._open(http.client.HTTPConnection, request)

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self._open(http.client.HTTPSConnection, request, context=_trusting())

    def http_request(self, request: urllib.request.Request) -> urllib.request.Request:
        return self.do_request_(request)

    https_request = http_request

    def _open(
        self, kind: Any, request: urllib.request.Request, **options: Any
    ) -> http.client.HTTPResponse:
        remember = self._remember

        class Connection(kind):  # type: ignore[misc]
            def connect(self) -> None:
                super().connect()
                remember(self.sock)

        return self.do_open(Connection, request, **options)


class _Asked:
    """A proof of who one is, for servers that ask for this kind; the others have just refused."""

    def http_error_401(self, *answer: Any) -> Any:
        try:
            return super().http_error_401(*answer)  # type: ignore[misc]
        except ValueError:  # the server asks for a proof of another kind
            return None


class _Basic(_Asked, urllib.request.HTTPBasicAuthHandler): ...


class _Digest(_Asked, urllib.request.HTTPDigestAuthHandler): ...


def _trusting() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _apart(address: str) -> tuple[str, str, str]:
    """The address without user name and password, and both of them, empty where there are none."""
    parts = urlsplit(address)
    access, _, host = parts.netloc.rpartition("@")
    bare = urlunsplit(parts._replace(netloc=host, fragment=""))
    user, _, password = access.partition(":")
    return bare, unquote(user), unquote(password)


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):  # it is closed already
        # not the TLS socket's own way, which takes the encryption from under the reading thread
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
