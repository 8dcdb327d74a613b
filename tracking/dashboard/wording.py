"""Text of others, shown literally."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What spreadsheets take for the beginning of something to work out."""


def plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    text = " ".join(text.split())
    escaped = re.sub(r"([!-/;-@\[-`{-~])", r"\\\1", text)
    return escaped.replace(":", "&#58;")


def sheet(rows: pd.DataFrame) -> bytes:
    """Rows as CSV for a spreadsheet, to which no text in them is a formula."""
    shown = rows.rename(columns=_cell)
    for number, (_, column) in enumerate(rows.items()):
        if not pd.api.types.is_numeric_dtype(column):
            shown.isetitem(number, column.map(_cell))
    return str(shown.to_csv(index=False)).encode()


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
