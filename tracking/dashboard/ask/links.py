"""From an answer to the pages: the same part of the record, in an address."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from ...ask.answer import Answer
from ...ask.parsing.parser import read
from ...ask.plan import Plan, plan_of
from ...ask.reading import Read
from ...errors import SettingsError
from ...filters import LONGEST_WINDOW, Choice
from .. import reading

LONGEST = 6_000  # characters of a plan in an address


def choice_of(plan: Plan) -> Choice:
    """What the filter bar shows of a plan: its window as it is, to the millisecond."""
    filter = plan.filter()
    return Choice(
        "custom",
        max(filter.since, filter.until - LONGEST_WINDOW),
        filter.until,
        filter.sources,
        filter.labels,
        filter.hours,
        filter.weekdays,
        zones=filter.zones,
        lines=filter.lines,
        directions=filter.directions,
        least=filter.least,
        most=filter.most,
    )


def query_of(plan: Plan) -> dict[str, Any]:
    """The parameters of an address that a page shows a plan's part of the record with."""
    return dict(choice_of(plan).query(plan.timezone))


def open_pages(plan: Plan) -> None:
    """Links to the pages that can show exactly this part of the record."""
    if plan.shape == "known":
        return
    query = query_of(plan)
    pages = {"Activity": "monitoring", "Movement": "conversion_path"}
    if {"area", "line", "way", "stay"} & {*query}:
        del pages["Movement"]  # which shows all tracks
    for name, icon in pages.items():
        st.page_link(
            f"pages/{name.lower()}.py", label=f"Open in {name}", icon=f":material/{icon}:",
            query_params=query,
        )  # fmt: skip


def is_read_alike(answer: Answer) -> bool:
    """Whether the question alone says what was answered, to somebody who reads nothing else."""
    found = read(answer.question, reading.world())
    return isinstance(found, Read) and found.taken.plan == answer.plan


def address_of(question: str, plan: Plan | None) -> str:
    """An address that asks this again: the question, or the plan where that says more."""
    given = {"q": question} if plan is None else {"plan": _packed(plan)}
    base = (st.context.url or "").split("?")[0]
    return f"{base}?{urlencode(given, safe='/:,')}"


def plan_in(text: str) -> Plan:
    """The plan in an address. Raises SettingsError, in words."""
    if len(text) > LONGEST:
        raise SettingsError("The plan in the address is too long")
    try:
        plain = json.loads(text)
    except ValueError:
        raise SettingsError("The plan in the address cannot be read") from None
    if not isinstance(plain, dict):
        raise SettingsError("The plan in the address cannot be read")
    plan = plan_of(plain)
    for each in filter(None, (plan, plan.against)):
        ends = (each.span.since, each.span.until)
        if not all(isinstance(end, int) for end in ends) or ends[1] - ends[0] > LONGEST_WINDOW:
            raise SettingsError("The plan in the address has no window that can be shown")
    return plan


def _packed(plan: Plan) -> str:
    return json.dumps(plan.as_dict(), ensure_ascii=False, separators=(",", ":"))
