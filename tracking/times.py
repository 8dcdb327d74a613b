"""Times are integer milliseconds since 1970 UTC everywhere; people's notations end here."""

from __future__ import annotations

import re
import time
from datetime import datetime, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tzlocal import get_localzone_name

from .errors import SettingsError

LATEST = 7_289_654_400_000  # 2201-01-01; earlier than 1970 or later is a mistake, not a recording
OUTSIDE = "is outside the years 1970 to 2200"

Time = datetime | str | int
"""A moment as callers write it: a datetime, ISO 8601 text, or milliseconds since 1970 UTC."""


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def local_zone() -> str:
    """IANA name of this machine's time zone; UTC where it has none."""
    try:
        name = get_localzone_name() or "UTC"
        return "UTC" if name in ("Etc/UTC", "Etc/UCT", "Zulu") else name
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"


def zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingsError(f"{name!r} is not an IANA time zone such as Europe/Berlin") from error


def known_zone(name: str) -> str:
    """The zone of that name, or UTC where this machine knows no such zone."""
    try:
        zone(name)
    except SettingsError:
        return "UTC"
    return name


def to_ms(moment: Time, timezone_name: str = "UTC") -> int:
    """Milliseconds since 1970 UTC; text or a datetime without a zone is read in `timezone_name`.

    Raises SettingsError for text that is not ISO 8601, for a time that a change of the clocks
    leaves out or gives twice, and for one outside the years 1970 to 2200.
    """
    ms = parse_ms(moment, timezone_name)
    if not 0 <= ms < LATEST:
        raise SettingsError(f"The time {moment} {OUTSIDE}")
    return ms


def parse_ms(moment: Time, timezone_name: str = "UTC") -> int:
    """Like `to_ms`, of any year."""
    if isinstance(moment, str):
        moment = _parse(moment)
    if isinstance(moment, int):
        return moment
    if moment.tzinfo is None:
        moment = _localized(moment, timezone_name)
    return round(moment.timestamp() * 1000)


def _localized(moment: datetime, timezone_name: str) -> datetime:
    early, late = (moment.replace(tzinfo=zone(timezone_name), fold=fold) for fold in (0, 1))
    if early.utcoffset() == late.utcoffset():
        return early
    back = early.astimezone(timezone.utc).astimezone(early.tzinfo).replace(tzinfo=None)
    how = "comes twice" if back == moment else "does not exist"
    raise SettingsError(
        f"{moment.isoformat()} {how} in {timezone_name}, where the clocks change; add the offset, "
        f"like {early.isoformat()}"
    )


def _parse(text: str) -> datetime | int:
    text = text.strip()
    if re.fullmatch(r"-?[0-9]{9,}", text):  # 20260102 is a date, not 1970
        return int(text)
    try:
        # Python 3.10 does not know the Z that everybody writes
        return datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith(("Z", "z")) else text)
    except ValueError:
        raise SettingsError(
            f"{text!r} is not a time; write it like 2026-03-01T09:30:00 or 2026-03-01T08:30:00Z"
        ) from None


def iso(t: int, timezone_name: str = "UTC") -> str:
    """ISO 8601 with milliseconds; UTC ends in Z, every other zone in its offset."""
    moment = datetime.fromtimestamp(t // 1000, timezone.utc).replace(microsecond=t % 1000 * 1000)
    text = moment.astimezone(zone(timezone_name)).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z") if timezone_name == "UTC" else text
