"""Questions in everyday English, read into plans: no key, no network, and never a silent guess.

Every word is claimed by exactly one reading (claims.py), and every claim has to be used by the plan
or be known to carry no meaning; what is left over is named, and the question is not answered.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ...errors import SettingsError
from ..answer import Reading
from ..plan import Plan
from ..reading import Read, Unread
from ..saying import named, say_plan
from ..words import words_of
from ..world import World
from . import lexicon, phrases
from .asides import same_place, set_aside
from .claims import Claim, Sheet, share_out
from .coming import both_ways, came_through, each_way, seen_there
from .drafting import Draft
from .earlier import filled_in, goes_back
from .floors import on_the_floor
from .following_up import followed, is_fragment
from .leaving_out import leave_out
from .meaning import Puzzled, first_word
from .names import close_to
from .relating import related
from .sentences import as_one, polite
from .suggesting import suggestions

LONGEST = 500
"""Characters of a question."""


def read(question: str, world: World, before: Plan | None = None) -> Read | Unread:
    """What a question asks for, or the words of it that nothing could be made of.

    before: the plan of the question before; one that lacks what makes it a question changes only
    what it names. Pure: the same question, world and plan give the same reading.
    """
    if len(question) > LONGEST:
        return Unread((), f"A question has at most {LONGEST} characters")
    sheet = share_out(question, world)
    found = _read(sheet, before)
    if isinstance(found, Read):
        if not world.zone and (zone := _zone(found.taken.plan, world)) != world.timezone():
            return read(question, replace(world, zone=zone), before)  # their clock tells its times
        return found
    unread, why = found
    texts = tuple(dict.fromkeys(sheet.words[n].text for n in unread))
    offered = suggestions(question, sheet, unread, lambda text: _is_readable(text, world, before))
    return Unread(texts, why, offered)


def _zone(plan: Plan, world: World) -> str:
    """The zone of the sources that a question turns out to be about."""
    sources: list[str] = []
    for side in (plan, plan.against) if plan.against else (plan,):
        named = {*side.zones, *side.lines}
        there = [place.source for place in (*world.zones, *world.lines) if place.name in named]
        sources += side.sources or there
    return world.timezone(sources)


def _is_readable(text: str, world: World, before: Plan | None) -> bool:
    return isinstance(_read(share_out(text, world), before), Read)


def _read(sheet: Sheet, before: Plan | None) -> Read | tuple[list[int], str]:
    """The reading; or the places of the words that cannot be read, and why."""
    if not sheet.words:
        return [], "There is no question"
    back = before is not None and goes_back(sheet)
    filled_in(sheet, before)
    polite(sheet)
    same_place(sheet)
    aside = set_aside(sheet)
    if unread := _unread(sheet):
        return unread, _why(sheet, unread)
    try:
        found = _drafted(sheet, before, back)
        if found.left:
            raise Puzzled(_why_left(found.left, sheet), found.left)
        plan = found.plan.checked()
        on_the_floor(found, sheet)
    except Puzzled as puzzle:
        return _places(puzzle, sheet), puzzle.why
    except SettingsError as error:
        return [], str(error)
    others = dict.fromkeys(other for other in found.others if other != plan)
    return Read(
        Reading(say_plan(plan), plan),
        tuple(Reading(say_plan(other), other) for other in others),
        tuple(dict.fromkeys(sheet.corrected)),
        tuple(dict.fromkeys([*found.assumed, *([aside] if aside else [])])),
    )


def _drafted(sheet: Sheet, before: Plan | None, back: bool) -> Draft:
    if first_word(sheet) == "record":
        raise Puzzled("A question changes nothing", sheet.in_order()[:1])
    as_one(sheet)
    leave_out(sheet)
    through = came_through(sheet)
    if before is not None and is_fragment(sheet):
        return followed(sheet, before)
    _says_something(sheet)
    found = related(sheet.in_order(), sheet)
    if through:
        found.others += [*seen_there(found.plan)]
        found.others += [*both_ways(found.plan), *each_way(found.plan, sheet)]
    if before is not None and (back or not any(c.kind in ("time", "name") for c in sheet.claims)):
        found.others += _going_on(sheet, before)
    return found


def _going_on(sheet: Sheet, before: Plan) -> list[Plan]:
    """A whole question may be meant to go on, too: "what was the busiest hour?"."""
    try:
        found = followed(sheet, before)
    except Puzzled:
        return []
    return [] if found.left else [found.plan]


def _says_something(sheet: Sheet) -> None:
    """Raise Puzzled for what has nothing in it to count."""
    empty = ("filler", "some", "chart", "time", "lasting", "limit")
    if all(claim.kind in empty for claim in sheet.claims):
        raise Puzzled("It is not said what is to be counted", sheet.in_order())
    fragments = ("also", "only", "they", "count", "which", "and")
    asked = [claim for claim in sheet.claims if claim.kind not in empty]
    times = any(claim.kind == "time" for claim in sheet.claims)
    if times and any(claim.says == "count" for claim in asked):
        return
    if all(claim.kind == "sign" and claim.says in fragments for claim in asked):
        raise Puzzled("This goes on from a question that is not there", sheet.in_order())


def _unread(sheet: Sheet) -> list[int]:
    """Places of words that nobody claimed, or that are known to be out of reach."""
    refused = [claim for claim in sheet.claims if claim.kind == "refused"]
    inside = {n for claim in refused for n in claim.places}
    if not inside:
        return sorted(sheet.unclaimed)
    known = phrases.all_words() | set(lexicon.TIMES.split())
    strange = {n for n in sheet.unclaimed if sheet.words[n].plain not in known}
    return sorted(strange | inside)  # everyday words beside them are not the reason


def _places(puzzle: Puzzled, sheet: Sheet) -> list[int]:
    inside = {n for claim in puzzle.claims for n in claim.places}
    return sorted(inside)


def _why(sheet: Sheet, unread: list[int]) -> str:
    refused = [claim for claim in sheet.in_order() if claim.kind == "refused"]
    for claim in refused:
        if claim.when is not None:
            return claim.when.problem
        if (claim.says,) in ((key[0],) for key in phrases.subjects()) or " " not in claim.says:
            return f"No {claim.says} has ever been recorded here"
        return f"{claim.says}: “{sheet.text(claim.start, claim.end)}”"
    first = sheet.words[unread[0]]
    word = first.text
    if first.plain in phrases.all_words() | set(lexicon.TIMES.split()) and not first.quoted:
        return f"“{word}” does not go together with the rest of the question"
    near = close_to(word, sheet.world)
    hint = f"; there is {' and '.join(map(named, near))}" if near else ""
    return f"Nothing here is called “{word}”, and it is no word that can be read{hint}"


def _why_left(left: Iterable[Claim], sheet: Sheet) -> str:
    first = next(iter(left))
    text = sheet.text(first.start, first.end)
    return f"“{text}” does not go together with the rest of the question"


__all__ = ["LONGEST", "read", "words_of"]
