"""Tracks out to files and back: MOTChallenge result lines, CSV and Parquet.

What is exported, imported into another database and exported again has the same bytes.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from .chunks import TABLE
from .database import describing, find_source
from .errors import NothingRecorded, OutputError, SettingsError
from .importing import store_rows
from .times import Time, iso

FORMS = ("mot", "csv", "parquet")

_BATCH = 100_000  # rows; also the row groups of Parquet
_SCHEMA = pa.schema(
    [("track", pa.int64()), ("label", pa.string()), ("t", pa.timestamp("ms", tz="UTC"))]
    + [(name, pa.float64()) for name in TABLE[3:]]
)

Batch = list[tuple[int, str, int, int, float, float, float, float, float]]
"""Rows of track, label, t, frame, x, y, w, h, confidence."""
