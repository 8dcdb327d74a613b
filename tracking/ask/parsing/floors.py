"""Speeds and ways in metres: known only of sources that have a ground plane."""

from __future__ import annotations

from ..plan import Plan
from ..saying import all_of, named
from ..world import World
from .claims import Sheet
from .drafting import PACES, Draft
from .meaning import Bag, Puzzled


def on_the_floor(found: Draft, sheet: Sheet) -> None:
    """Tell of which sources a speed is. Raises Puzzled where none of them has a ground plane."""
    sides = [found.plan, found.plan.against] if found.plan.against else [found.plan]
    for plan in sides:
        if plan is None or plan.metric not in PACES:
            continue
        asked = _sources(plan, sheet.world)
        known = [name for name in asked if name in sheet.world.grounded]
        if asked and not known:
            what = "How far" if plan.metric == "distance_mean" else "How fast"
            at = f", and there is none at {all_of(map(named, asked))}" if len(asked) < 3 else ""
            why = f"{what} things go is known only of sources with a ground plane{at}"
            raise Puzzled(why, Bag(sheet.claims).signs("speed", "distance"))
        if len(known) < len(asked):
            found.assumed.append(f"of {all_of(map(named, known))}, the only with a ground plane")


def _sources(plan: Plan, world: World) -> list[str]:
    """The names of those that a plan is about."""
    places = [place for place in (*world.zones, *world.lines)
              if place.name in (*plan.zones, *plan.lines)]  # fmt: skip
    there = list(plan.sources) or [place.source for place in places]
    return list(dict.fromkeys(there or [source.name for source in world.sources]))
