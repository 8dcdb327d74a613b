"""Text of others, shown literally."""

from __future__ import annotations

import re


def plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    text = " ".join(text.split())
    escaped = re.sub(r"([!-/;-@\[-`{-~])", r"\\\1", text)
    return escaped.replace(":", "&#58;")
