"""An answer as JSON holds it: for the command line, for files, and for other programs."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from ..times import iso
from .answer import Answer, Reading
from .plan import Span
from .saying import say_plan


def plain_answer(answer: Answer, most_rows: int | None = None) -> dict[str, Any]:
    """All of an answer; times in `rows` and `value` are ms since 1970 UTC, shares 0 to 1.

    most_rows: more are left out, and `rows_left_out` says how many.
    """
    plan, metric, watched = answer.plan, answer.metric, answer.coverage
    rows = [list(map(_cell, row)) for row in answer.rows[:most_rows]]
    return {
        "question": answer.question,
        "answer": answer.answer,
        "status": answer.status,
        "value": _cell(answer.value),
        "columns": [column.name for column in answer.columns],
        "titles": [column.title for column in answer.columns],
        "kinds": [column.kind for column in answer.columns],
        "rows": rows,
        "rows_left_out": len(answer.rows) - len(rows),
        "window": None if plan is None else _window(plan.span, plan.timezone),
        "timezone": answer.timezone,
        "coverage": None if watched is None else {"share": watched.share, **asdict(watched)},
        "metric": None if metric is None else metric.name,
        "title": None if metric is None else metric.title,
        "definition": None if metric is None else metric.definition,
        "unit": None if metric is None else metric.unit,
        "sql": answer.sql,
        "reading": None if answer.reading is None else answer.reading.words,
        "plan": None if plan is None else plan.as_dict(),
        "others": [_reading(each) for each in answer.others],
        "notes": list(answer.notes),
        "unread": list(answer.unread),
        "suggestions": list(answer.suggestions),
        "evidence": {"tracks": list(answer.evidence.tracks), "total": answer.evidence.total},
        "steps": [asdict(step) for step in answer.steps],
        "chart": answer.chart,
        "answered_by": answer.answered_by,
        "seconds": round(answer.seconds, 4),
    }


def _reading(reading: Reading) -> dict[str, Any]:
    return {"words": reading.words or say_plan(reading.plan), "plan": reading.plan.as_dict()}


def _window(span: Span, timezone: str) -> dict[str, str]:
    ends = {"since": iso(span.since, timezone), "until": iso(span.until, timezone)}
    return {**ends, "words": span.words}


def _cell(value: Any) -> Any:
    """What JSON can hold: it has no number that is none."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return [_cell(each) for each in value] if isinstance(value, list | tuple) else value
