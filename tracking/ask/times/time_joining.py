"""Pieces of a question joined to times, each with its day and its time of day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .calendar_days import refined
from .hours_said import NIGHT
from .local_clock import Here
from .time_pieces import Piece, merged
from .time_words import JOINERS, SAME_AS


def joined(pieces: list[Piece], words: Sequence[str], here: Here) -> list[Piece]:
    """One piece for each time that is told apart. words: of the question, in lower case."""
    return _told_alike(_shared(_less_is_of_another(_joined(pieces, words, here)), here))


def _told_alike(pieces: list[Piece]) -> list[Piece]:
    """Beside another time, which night the hours of a night are of is never guessed."""
    if len(pieces) < 2:
        return pieces
    return [
        replace(each, leads=True) if each.part is NIGHT and each.clock is not None else each
        for each in pieces
    ]


def _less_is_of_another(pieces: list[Piece]) -> list[Piece]:
    """Days that are left out belong to longer ones, or to everything where no time is named."""
    if len(pieces) < 2:
        return pieces
    why = "Of which days the others are left out is not said"
    return [replace(each, problem=why) if each.less else each for each in pieces]


def _joined(pieces: list[Piece], words: Sequence[str], here: Here) -> list[Piece]:
    """Pieces side by side as one, and all of them as one where they speak of one time."""
    found: list[Piece] = []
    for piece in pieces:
        gap = words[found[-1].end : piece.start] if found else ()
        beside = bool(found) and all(word in ("of", "'s", "on", "at", "in", "the") for word in gap)
        one = merged(found[-1], piece, here) if beside else None
        if one is not None:
            filled = frozenset(range(found[-1].end, piece.start))
            found[-1] = replace(one, used=one.used | filled)
        else:
            found.append(piece)
    rest = [piece for piece in found if not piece.everything] if _is_said(found) else found
    return _all_as_one(_with_everything(found, rest), words, here)


def _is_said(pieces: Sequence[Piece]) -> bool:
    """Whether any other time than everything is named."""
    return any(not piece.everything and not piece.bare for piece in pieces)


def _with_everything(found: Sequence[Piece], rest: Sequence[Piece]) -> list[Piece]:
    """ "In total" beside another time says nothing more: the first of these has its words."""
    extra = frozenset(n for piece in found if piece not in rest for n in piece.used)
    return [replace(each, used=each.used | extra if k == 0 else each.used)
            for k, each in enumerate(rest)]  # fmt: skip


def _all_as_one(pieces: list[Piece], words: Sequence[str], here: Here) -> list[Piece]:
    """All pieces as one time, if they can be."""
    if len(pieces) < 2 or _are_told_apart(pieces, words):
        return pieces
    whole: Piece | None = pieces[0]
    for piece in pieces[1:]:
        if whole is not None:
            between = _same_days(whole, piece, words)
            whole = merged(whole, piece, here) or _absorbed(whole, piece, here)
            if whole is not None:
                whole = replace(whole, used=whole.used | between)
    return pieces if whole is None else [whole]


def _same_days(a: Piece, b: Piece, words: Sequence[str]) -> frozenset[int]:
    """The words between two names of the same days: "i.e."."""
    if a.days is None or b.days is None or " ".join(words[a.end : b.start]) not in SAME_AS:
        return frozenset()
    same = (a.days.first, a.days.last) == (b.days.first, b.days.last)
    return frozenset(range(a.end, b.start)) if same else frozenset()


def _are_told_apart(pieces: Sequence[Piece], words: Sequence[str]) -> bool:
    """Whether all name their days, with a word between them such as "versus"."""
    if any(piece.bare for piece in pieces):
        return False
    if any(piece.everything or piece.whole for piece in pieces):
        return False
    between = words[pieces[0].end : pieces[-1].start]
    return bool(JOINERS & set(between))


def _absorbed(whole: Piece, piece: Piece, here: Here) -> Piece | None:
    """What another piece says already: "around midnight from 23:55 to 00:05", "right now today"."""
    for main, extra in ((whole, piece), (piece, whole)):
        used = whole.used | piece.used
        today = extra.days is not None and extra.days.first <= here.today <= extra.days.last
        if main.now and today and not extra.timed:
            return replace(main, used=used)
        since = main.reach is not None and main.reach.words.startswith("since ")
        if main.reach is not None and not since and extra.bare and extra.clock is not None:
            day, _ = here.moment(main.reach.since)
            begin, end = extra.clock.options(extra.part)[0]
            if here.at(day, begin) < main.reach.until and main.reach.since < here.at(day, end):
                return replace(main, used=used)
        if main.everything and extra.bare:
            return replace(extra, used=used, everything=True)
    return None


def _shared(pieces: list[Piece], here: Here) -> list[Piece]:
    """Each piece with the day or the time of day that it has in common with another one."""
    pieces = _of_one_time(_in_one_week(pieces, here))
    bare = [piece for piece in pieces if piece.bare and piece.timed]
    days = [piece for piece in pieces if piece.days is not None and not piece.timed]
    full = [piece for piece in pieces if piece.days is not None and piece.timed]
    if bare and len(days) == 1 and not full and len(bare) > 1:
        lent = days[0]
        return _lent(pieces, bare, lent, here)
    if len(bare) == 1 and len(days) > 1:
        return _lent(pieces, days, bare[0], here)
    if bare and full and not days:
        nearest = full[0]
        return [_plus_days(piece, nearest) if piece in bare else piece for piece in pieces]
    if days and len(full) == 1 and not bare:
        return [_plus_time(piece, full[0]) if piece in days else piece for piece in pieces]
    return pieces


def _of_one_time(pieces: list[Piece]) -> list[Piece]:
    """Saturdays and Sundays in November: both are of November."""
    dated = [piece for piece in pieces if piece.each and (piece.days or piece.reach)]
    bare = [piece for piece in pieces if piece.each and piece.bare]
    if len(dated) != 1 or len(dated) + len(bare) != len(pieces):
        return pieces
    return [
        replace(piece, days=dated[0].days, reach=dated[0].reach) if piece in bare else piece
        for piece in pieces
    ]


def _in_one_week(pieces: list[Piece], here: Here) -> list[Piece]:
    """Tuesday and Wednesday of last week: both are of last week."""
    wide = next((p.days.wide for p in pieces if p.days is not None and p.days.wide), None)
    if wide is None:
        return pieces
    return [
        replace(piece, days=refined(piece.days, wide, here) or piece.days)
        if piece.days is not None and piece.days.sort == "weekday"
        else piece
        for piece in pieces
    ]


def _lent(pieces: list[Piece], to: list[Piece], lent: Piece, here: Here) -> list[Piece]:
    """What one piece says is said of others; its words are the first one's."""
    found = []
    for piece in pieces:
        if piece is lent:
            continue
        if piece in to:
            both = merged(piece, lent, here) or piece
            first = piece is to[0]
            both = replace(both, start=piece.start, end=piece.end)
            piece = both if first else replace(both, used=piece.used)
        found.append(piece)
    return found


def _plus_days(piece: Piece, full: Piece) -> Piece:
    days = full.days
    if full.tight and days is not None and days.words in ("last night", "tonight"):
        return piece
    return replace(piece, days=days)


def _plus_time(piece: Piece, full: Piece) -> Piece:
    """The hours said of one day hold for the other one, too; a part of a day is that day's."""
    of_both = full.clock is not None or full.leads or piece.back
    if not of_both or full.tight or piece.whole:
        return piece
    return replace(piece, clock=full.clock, part=full.part)
