"""Times that go back to one named before: "that day", "the following day"."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ...localtime import DAY
from ...times import zone
from ..plan import Plan, Span
from ..times.local_clock import Here
from ..times.time_pieces import to_come
from ..times.when import When
from .claims import Claim, Sheet
from .times_said import shifted

_FOLLOWING = frozenset(("following", "next"))
_AROUND = frozenset(("the", "on", "in", "for", "during", "at", "day", "week", "month"))
_LENGTHS = {"day": (1, 25 * DAY // 24), "week": (6 * DAY, 8 * DAY), "month": (27 * DAY, 32 * DAY)}
"""Of the time before, in ms, for the one after it to be clear."""


def goes_back(sheet: Sheet) -> bool:
    """Whether a time of the question is one only with what was asked before."""
    return any(_says(claim, sheet) for claim in sheet.claims)


def filled_in(sheet: Sheet, before: Plan | None) -> None:
    """Put the times that are meant in the place of such words; without one they are refused."""
    for n, claim in enumerate(sheet.claims):
        if not (says := _says(claim, sheet)):
            continue
        named = _named_before(sheet, claim)
        if named is not None and named.span and says == "that":
            fits = _is_one(claim, named.span, sheet)
            sheet.claims[n] = replace(claim, kind="filler" if fits else "refused", says="")
        elif named is not None:
            sheet.claims[n] = _after(claim, named, says, sheet, sheet.world.timezone())
        elif before is None or (before.against and before.against.span != before.span):
            if claim.kind == "sign":
                problem = "It is not said which time that is"
                sheet.claims[n] = replace(claim, kind="refused", when=When(problem=problem))
        elif says == "that" and not _is_one(claim, before.span, sheet):
            problem = f"What was asked before is of {before.span.words or 'another length'}"
            sheet.claims[n] = replace(claim, kind="refused", when=When(problem=problem))
        elif says == "that":
            when = When(before.span, before.hours, before.weekdays)
            sheet.claims[n] = replace(claim, kind="time", when=when)
        else:
            when = When(before.span, before.hours, before.weekdays)
            sheet.claims[n] = _after(claim, when, says, sheet, before.timezone)


def _says(claim: Claim, sheet: Sheet) -> str:
    """ "that", or the unit by which a later time is meant."""
    if claim.kind == "sign" and claim.says == "that_time":
        return "that"
    if claim.kind == "sign" and claim.says == "after_that":
        return claim.unit
    if claim.kind != "refused" or claim.when is None:
        return ""
    said = {sheet.words[n].plain for n in claim.places}
    if said - _FOLLOWING - _AROUND or not said & _FOLLOWING or not said & {"the", "following"}:
        return ""
    return next((unit for unit in _LENGTHS if unit in said), "")


def _is_one(claim: Claim, span: Span, sheet: Sheet) -> bool:
    """Whether a time is a day, or whatever it is called: "that week" is no day."""
    said = {sheet.words[n].plain for n in claim.places}
    unit = next((each for each in ("day", "week", "month") if each in said), "")
    unit = "day" if "date" in said else unit
    least, most = _LENGTHS.get(unit, (0, span.until))
    return least <= span.until - span.since <= most


def _named_before(sheet: Sheet, claim: Claim) -> When | None:
    """The time that the question itself names before these words."""
    found = [
        each.when
        for each in sheet.in_order()
        if each.kind == "time" and each.when and each.when.span and each.end <= claim.start
    ]
    return found[-1] if found and not found[-1].everything else None


def _named(span: Span, unit: str, sheet: Sheet, timezone: str) -> Span:
    """A whole day by its date: "15 November 2026"."""
    ends = (span.since, span.until)
    begin, end = (datetime.fromtimestamp(t / 1000, zone(timezone)) for t in ends)
    if unit != "day" or (begin.hour, begin.minute, end.hour, end.minute) != (0, 0, 0, 0):
        return span
    return replace(span, words=Here.of(sheet.world.now, timezone).say_day(begin.date()))


def _after(claim: Claim, base: When, unit: str, sheet: Sheet, timezone: str) -> Claim:
    """The same a day, a week or a month later."""
    assert base.span is not None
    least, most = _LENGTHS[unit]
    if not least <= base.span.until - base.span.since <= most:
        problem = f"Which {unit} follows {base.span.words or 'that'} is not said"
        return replace(claim, kind="refused", when=When(problem=problem))
    span = _named(shifted(base.span, unit, timezone, later=True), unit, sheet, timezone)
    if span.since >= sheet.world.now:
        return replace(claim, kind="refused", when=When(problem=to_come(span.words)))
    when = When(span, base.hours, base.weekdays, used=claim.places)
    return replace(claim, kind="time", says=span.words, when=when)
