"""Verbs that may mean one direction of a line, or both: "came through the gate"."""

from __future__ import annotations

from dataclasses import replace

from ..plan import Plan
from ..world import Place
from . import lexicon
from .claims import Claim, Sheet

_COME = ("come", "came", "comes", "coming")


def came_through(sheet: Sheet) -> bool:
    """Read whoever came through a line as coming in, where its directions are called so.

    Whether that was done: then both directions are another reading. Where no line is meant, they
    were seen, or passed.
    """
    named = {each.name for claim in sheet.claims for each in claim.names if each.kind == "line"}
    lines = _lines(sheet, named)
    inwards = any(each.lower() in lexicon.INWARDS for line in lines for each in line.directions)
    done = False
    for n, claim in enumerate(sheet.claims):
        if not _comes(claim, sheet, bool(named)):
            continue
        zones = any(each.kind == "zone" for other in sheet.claims for each in other.names)
        camera = any(c.kind == "dimension" and c.says == "source" for c in sheet.claims)
        over = bool(named) or (bool(lines) and not zones and not camera)
        says = ("enter" if inwards else "cross") if over else "seen"
        done |= says != "seen"
        sheet.claims[n] = replace(claim, says=says, unit="through")
    return done


def seen_there(plan: Plan) -> list[Plan]:
    """Who was seen where "came through the entrance" names the camera and no line of it."""
    if plan.metric != "crossings" or plan.lines or plan.against or plan.by or not plan.sources:
        return []
    return [replace(plan, metric="visits", directions=())]


def both_ways(plan: Plan) -> list[Plan]:
    """The same over both directions, or, where both were taken, in each of them."""
    sides = [plan, plan.against] if plan.against else [plan]
    if any(each.metric != "crossings" or "direction" in each.by for each in sides):
        return []
    both = replace(plan, directions=())
    if plan.against is not None:
        both = replace(both, against=replace(plan.against, directions=()))
        return [] if both.against == both.alone() else [both]
    return [both]


def each_way(plan: Plan, sheet: Sheet) -> list[Plan]:
    """Each direction alone, of the lines that a plan is about."""
    if plan.metric != "crossings" or plan.against is not None or plan.directions or plan.by:
        return []
    lines = [
        line
        for line in sheet.world.lines
        if (not plan.lines or line.name in plan.lines)
        and (not plan.sources or line.source in plan.sources)
    ]
    ways = dict.fromkeys(way for line in lines for way in line.directions if way)
    return [replace(plan, directions=(way,)) for way in ways]


def _comes(claim: Claim, sheet: Sheet, line: bool) -> bool:
    if claim.kind != "sign":
        return False
    first = sheet.words[claim.start].plain
    return claim.says == "come_through" or (line and claim.says == "seen" and first in _COME)


def _lines(sheet: Sheet, named: set[str]) -> list[Place]:
    """The lines that may be meant: those named, or those at the sources that are."""
    sources = {each.name for claim in sheet.claims for each in claim.names if each.kind == "source"}
    return [
        line
        for line in sheet.world.lines
        if (line.name in named if named else line.source in sources)
    ]
