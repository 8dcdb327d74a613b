"""The clock of one zone: from days and times of day to moments and back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

from ...localtime import MINUTE
from ...times import zone
from .time_words import MONTH_NAMES, WEEKDAY_NAMES

MIDNIGHT = 24 * 60
"""The end of a day, in minutes."""

EARLIEST, LATEST = date(1970, 1, 2), date(2200, 1, 1)
"""Days outside of these are no days of a record."""


@dataclass(frozen=True, slots=True)
class Here:
    """Where and when somebody asks.

    now: ms since 1970 UTC. zone: IANA name. today, minute: what its clock shows now; the minute
    is counted from midnight.
    """

    now: int
    zone: str
    today: date
    minute: int

    @classmethod
    def of(cls, now: int, zone_name: str) -> Here:
        local = datetime.fromtimestamp(now // 1000, zone(zone_name))
        return cls(now, zone_name, local.date(), local.hour * 60 + local.minute)

    @property
    def end(self) -> int:
        """Now, to the end of the minute, as what was seen is known by the minute."""
        return -(-self.now // MINUTE) * MINUTE

    def at(self, day: date, minutes: int = 0, last: bool = False) -> int:
        """When a clock shows so many minutes of a day, which may go on into the next.

        Of a time that comes twice the first one, or the last one; of one that a change of the
        clocks leaves out the first moment after the gap.
        """
        days, minutes = divmod(minutes, MIDNIGHT)
        wall = datetime.combine(day + timedelta(days=days), time(minutes // 60, minutes % 60))
        if self.skipped(wall):
            return self._after_gap(wall)
        return _ms(wall.replace(tzinfo=zone(self.zone), fold=int(last and self.doubled(wall))))

    def doubled(self, wall: datetime) -> bool:
        """Whether the clock shows that time twice."""
        early, late = (wall.replace(tzinfo=zone(self.zone), fold=fold) for fold in (0, 1))
        return early.utcoffset() != late.utcoffset() and not self.skipped(wall)

    def skipped(self, wall: datetime) -> bool:
        """Whether the clock never shows that time."""
        there = wall.replace(tzinfo=zone(self.zone))
        back = there.astimezone(timezone.utc).astimezone(zone(self.zone))
        return back.replace(tzinfo=None) != wall

    def _after_gap(self, wall: datetime) -> int:
        there = zone(self.zone)
        moment, last = (_ms(wall.replace(tzinfo=there, fold=fold)) for fold in (1, 0))
        after = datetime.fromtimestamp(last // 1000, there).utcoffset()
        while moment < last:
            if datetime.fromtimestamp(moment // 1000, there).utcoffset() == after:
                return moment
            moment += MINUTE
        return last

    def oddity(self, day: date, minutes: int) -> str:
        """What has to be said of a time that the clock shows twice, or never; or nothing."""
        days, minutes = divmod(minutes, MIDNIGHT)
        wall = datetime.combine(day + timedelta(days=days), time(minutes // 60, minutes % 60))
        if self.doubled(wall):
            return (
                f"{hhmm(minutes)} comes twice on {say_date(wall.date())}, when the clocks go back; "
                "both are in it"
            )
        if self.skipped(wall) and minutes:
            after = datetime.fromtimestamp(self._after_gap(wall) // 1000, zone(self.zone))
            return (
                f"{hhmm(minutes)} does not exist on {say_date(wall.date())}, when the clocks go "
                f"forward; {after:%H:%M} is taken"
            )
        return ""

    def moment(self, t: int) -> tuple[date, int]:
        """The day and the minute of the day of a moment."""
        local = datetime.fromtimestamp(t // 1000, zone(self.zone))
        return local.date(), local.hour * 60 + local.minute

    def say_weekday(self, day: date) -> str:
        """Tuesday 17 November, with the year unless it is this one."""
        text = f"{WEEKDAY_NAMES[day.weekday()]} {day.day} {MONTH_NAMES[day.month - 1]}"
        return text if day.year == self.today.year else f"{text} {day.year}"

    def say_day(self, day: date) -> str:
        """Today, yesterday, or its date."""
        return {0: "today", 1: "yesterday"}.get((self.today - day).days) or say_date(day)


def say_date(day: date) -> str:
    return f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}"


def hhmm(minutes: int) -> str:
    """A time of day; the end of a day is 24:00."""
    minutes = minutes if minutes == MIDNIGHT else minutes % MIDNIGHT
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
