"""The night and the day on which the clocks went back or forward."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from ...localtime import DAY
from .calendar_days import Days
from .hours_said import NIGHT
from .local_clock import Here, say_date
from .time_pieces import Piece
from .time_words import Text

_NIGHTS = tuple(
    f"{lead}night" for lead in ("", "the ", "that ", "in the ", "on the ", "during the ", "of the ")
)
_DAYS = tuple(
    f"{lead}{day}" for lead in ("", "the ", "on the ", "of the ") for day in ("day", "sunday")
)
_LINKS = ("that", "when", "in which", "on which", "of", "with")
_CLOCKS = ("the clocks", "clocks", "the clock", "all clocks")
_PUT = ("were put", "were set", "were turned", "got put", "went", "go", "moved")
_BACK = (
    *(f"{clocks} {verb} back" for clocks in _CLOCKS for verb in (*_PUT, "fell", "changed")),
    *(f"{clocks} changed to {time}" for clocks in _CLOCKS
      for time in ("winter time", "standard time")),
    *(f"{time} ended" for time in ("summer time", "daylight saving", "daylight saving time")),
    *(f"{time} {began}" for time in ("winter time", "standard time")
      for began in ("began", "started")),
    "the change to winter time", "the switch to winter time", "the change to standard time",
)  # fmt: skip
_FORWARD = (
    *(f"{clocks} {verb} {way}" for clocks in _CLOCKS for verb in (*_PUT, "sprang", "jumped")
      for way in ("forward", "forwards", "ahead")),
    *(f"{clocks} changed to {time}" for clocks in _CLOCKS
      for time in ("summer time", "daylight saving time")),
    *(f"{time} {began}" for time in ("summer time", "daylight saving", "daylight saving time")
      for began in ("began", "started")),
    "the change to summer time", "the switch to summer time",
)  # fmt: skip
_EITHER = (
    *(f"{clocks} {changed}" for clocks in _CLOCKS
      for changed in ("changed", "were changed", "change", "got changed")),
    "the clock change", "the time change", "the change of the clocks", "the change of time",
)  # fmt: skip
_LONGEST_AGO = 800


@dataclass(frozen=True, slots=True)
class ClockChanges:
    """Reads them, by the rules of a zone."""

    text: Text
    here: Here

    def at(self, n: int) -> Piece | None:
        """The night the clocks went back, the day of the time change: the last one that was."""
        nights, days = self.text.longest(n, _NIGHTS), self.text.longest(n, _DAYS)
        at = n + max(nights, days)
        if at == n:
            return None
        at += self.text.longest(at, _LINKS)
        found = {
            way: self.text.longest(at, said)
            for way, said in (("back", _BACK), ("forward", _FORWARD), ("", _EITHER))
        }
        way = max(found, key=lambda each: found[each])
        if not found[way]:
            return None
        end = at + found[way]
        changed = self._last_change(way)
        if changed is None:
            went = f"gone {way}" if way else "changed"
            return Piece(n, end, problem=f"The clocks of {self.here.zone} have not {went} lately")
        day, went = changed
        note = f"the clocks went {went} on {say_date(day)}"
        first = day - timedelta(days=1) if nights else day
        named = Days(first, first, self.here.say_day(first))
        part = NIGHT if nights else None
        return Piece(n, end, days=named, part=part, tight=bool(nights), assumed=(note,))

    def _last_change(self, way: str) -> tuple[date, str] | None:
        """The last day that was longer or shorter than others, and how the clocks went on it."""
        for back in range(1 if self.here.minute < 240 else 0, _LONGEST_AGO):
            day = self.here.today - timedelta(days=back)
            length = self.here.at(day + timedelta(days=1)) - self.here.at(day)
            went = "back" if length > DAY else "forward"
            if length != DAY and way in ("", went):
                return day, went
        return None
