"""Whole JPEGs out of a stream of bytes, each as soon as its last byte has come.

Whatever stands between two pictures - part headers, boundaries, noise - is passed over, so servers
that announce wrong boundaries or lengths are read too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

LARGEST = 32 << 20  # bytes; more than that without an end is no picture
_START = b"\xff\xd8\xff"
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # all else after FF belongs to coded data
_END, _SCAN, _FILL = 0xD9, 0xDA, 0xFF
_SEGMENTS = {_SCAN, 0xFE} | set(range(0xC0, 0xD0)) | set(range(0xDB, 0xF0))


def jpegs(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The pictures in the order in which they come; one that lost its end is given as it is."""
    buffer = bytearray()
    picture: _Walk | None = None
    for chunk in chunks:
        buffer += chunk
        while True:
            if picture is None:
                start = buffer.find(_START)
                del buffer[: start if start >= 0 else 1 - len(_START)]
                if start < 0:
                    break
                picture = _Walk()
            end = picture.end(buffer)
            if end is None:
                break
            yield bytes(buffer[:end])
            del buffer[:end]
            picture = None


class _Walk:
    """Goes from marker to marker through a picture that is still coming in."""

    def __init__(self) -> None:
        self._at = 2
        self._since = 2  # where the segment or the coded data before `_at` began
        self._coded = False  # whether coded data comes at `_at`, and not a marker

    def end(self, buffer: bytearray) -> int | None:
        """Where the picture at the buffer's start ends; None if that has not come yet."""
        while self._at + 2 <= len(buffer):
            if self._coded:
                found = _MARKER.search(buffer, self._at)
                if found is None:
                    self._at = len(buffer) - 1
                    break
                self._at, self._coded = found.start(), False
            kind = buffer[self._at + 1]
            if buffer[self._at] == 0xFF and kind == _END:
                return self._at + 2
            if buffer[self._at] == 0xFF and kind == _FILL:
                self._at += 1
            elif buffer[self._at] != 0xFF or kind not in _SEGMENTS:
                return self._torn(buffer)
            elif self._at + 4 > len(buffer):
                break
            else:
                self._since = self._at
                self._at += 2 + int.from_bytes(buffer[self._at + 2 : self._at + 4], "big")
                self._coded = kind == _SCAN
        return self._torn(buffer) if len(buffer) > LARGEST else None

    def _torn(self, buffer: bytearray) -> int:
        """The end of a picture that breaks off: where the next one begins, as far as can be seen.

        Not from the very beginning: a segment may hold a small preview, a JPEG of its own.
        """
        following = buffer.find(_START, self._since)
        return following if following >= 0 else len(buffer) - 2
