"""Whether anybody looks at a page."""

from __future__ import annotations

from streamlit.runtime import Runtime, exists, get_instance


def is_looked_at() -> bool:
    """Whether a browser is there: a test of a page has no server, only what looks like one."""
    return exists() and type(get_instance()) is Runtime
