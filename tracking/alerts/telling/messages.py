"""What is told about an alert: JSON for other programs."""

from __future__ import annotations

import json
from typing import Any

from ...times import iso, now_ms
from ..history import Alert

MOST_TRACKS = 20
TEST = "test"


def message(alert: Alert, event: str) -> str:
    """An alert as JSON. event: started or ended. Times are ISO 8601 in the source's zone."""

    def moment(t: int | None) -> str | None:
        return None if t is None else iso(t, alert.timezone)

    content: dict[str, Any] = {
        "event": event,
        "alert": alert.id,
        "rule": alert.name,
        "text": alert.text,
        "source": alert.source,
        "place": alert.place or None,
        "timezone": alert.timezone,
        "started_at": moment(alert.started),
        "ended_at": moment(alert.ended),
        "ending": alert.ending,
        "value": alert.value,
        "peak": alert.peak,
        "threshold": alert.threshold,
        "unit": alert.unit or "objects",
        "tracks": alert.tracks[:MOST_TRACKS],
        "tracks_counted": alert.evidence.get("counted", 0),
    }
    return json.dumps(content, ensure_ascii=False)


def test_message(now: int | None = None) -> str:
    """What is sent to try a channel out."""
    t = now_ms() if now is None else now
    text = "This is a test: the channel works"
    return json.dumps({"event": TEST, "text": text, "sent_at": iso(t)})
