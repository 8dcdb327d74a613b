"""A frame's number and send time drawn into the picture, so that delay and losses can be measured.

The stamp is a field of black and white squares at the top left: it survives JPEG, H.264 and
scaling, and a checksum tells a damaged stamp from a true one.
"""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np

from tracking.frame import Image

COLUMNS, ROWS = 16, 5  # 24 bits of number, 48 of time, 8 of checksum
NUMBERS = 1 << 24


@dataclass(frozen=True, slots=True)
class Stamp:
    """number: counts the pictures sent, modulo 2^24; sent: milliseconds since 1970 UTC."""

    number: int
    sent: int


def stamp(image: Image, number: int, sent: int = 0) -> Image:
    """Draw the stamp into the picture, which must be at least 96 pixels wide, and return it."""
    value = number % NUMBERS << 48 | sent
    value = value << 8 | _checksum(value)
    bits = np.array([value >> place & 1 for place in reversed(range(COLUMNS * ROWS))], np.uint8)
    side = _side(image)
    field = np.kron(bits.reshape(ROWS, COLUMNS) * 255, np.ones((side, side), np.uint8))
    image[: ROWS * side, : COLUMNS * side] = field[..., None]
    return image


def read_stamp(image: Image) -> Stamp | None:
    """The picture's stamp; None where there is none or it is damaged."""
    side = _side(image)
    middles = image[side // 2 : ROWS * side : side, side // 2 : COLUMNS * side : side]
    if middles.shape[:2] != (ROWS, COLUMNS):
        return None
    value = 0
    for bit in middles.mean(axis=2).ravel() > 127:
        value = value << 1 | int(bit)
    value, checksum = value >> 8, value & 0xFF
    if checksum != _checksum(value):
        return None
    return Stamp(value >> 48, value & (1 << 48) - 1)


def _side(image: Image) -> int:
    return max(6, int(image.shape[1]) // 40)


def _checksum(value: int) -> int:
    return ~crc32(value.to_bytes(9, "big")) & 0xFF
