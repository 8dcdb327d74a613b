"""Audits as rows and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from ..times import iso
from .audits import Audit, Window, by_hour, result

COLUMNS = ("audit", "source", "quantity", "place", "direction", "labels", "window", "since",
           "until", "hour", "truth", "system", "difference", "skipped", "seen",
           "answered_at")  # fmt: skip


def rows_of(audit: Audit, windows: Sequence[Window]) -> pd.DataFrame:
    """A row a window, times in the source's zone. What the system counted in a window that is not
    answered is in no file, either."""
    plan, zone = audit.plan, audit.timezone
    rows = [
        (
            audit.id, plan.source, plan.quantity, plan.place, plan.direction,
            ", ".join(plan.labels), each.number, iso(each.since, zone), iso(each.until, zone),
            each.hour, each.truth, each.system,
            None if each.truth is None or each.system is None else each.system - each.truth,
            each.skipped, each.seen,
            None if each.answered_at is None else iso(each.answered_at, zone),
        )
        for each in windows
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def content_of(audit: Audit, windows: Sequence[Window]) -> dict[str, Any]:
    """All of an audit, ready for JSON: its plan, its estimate, by hour, and its windows."""
    zone = audit.timezone
    rows = rows_of(audit, windows)
    return {
        "audit": audit.id,
        "plan": asdict(audit.plan),
        "timezone": zone,
        "made_at": iso(audit.made_at, zone),
        "since": iso(audit.since, zone),
        "until": iso(audit.until, zone),
        "possible": audit.possible,
        "answered": audit.answered,
        "skipped": audit.skipped,
        "estimate": asdict(result(audit, windows)),
        "by_hour": {f"{hour:02}": asdict(each) for hour, each in by_hour(windows).items()},
        "windows": [
            {name: None if value != value else value for name, value in row.items()}
            for row in rows.astype(object).to_dict("records")
        ],
    }
