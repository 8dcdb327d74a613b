"""What to try, in words, from the numbers: each piece says what it saw and what it compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .catalogue import FEW, SOON
from .measuring import Quality

COVERAGE = 0.95
KEPT = 0.8
SLOW = 5.0
FOUND = 0.8
SURE = 0.5
DARKER = 0.12
SMALL = 40.0
SHORT_MANY = 0.2
BROKEN_MANY = 0.05
INSIDE_MANY = 0.25
CROWDED = 0.5
FEW_CELLS = 0.05
BUFFER = 0.5

THRESHOLDS: Mapping[str, tuple[float, str]] = {
    "coverage": (COVERAGE, "watched for less of the time in which it was on: the connection"),
    "fps_kept": (KEPT, "fewer of the source's pictures looked at: the machine is too slow for it"),
    "fps": (SLOW, "fewer pictures a second: people go too far from one to the next"),
    "found": (FOUND, "found in fewer of the pictures while it was tracked: the detector misses"),
    "sure": (SURE, "less confidence on average: too small, too dark, or another kind of picture"),
    "darker": (DARKER, "less confidence in an hour than in the best one: look at the light then"),
    "box_height": (SMALL, "lower boxes, in pixels of the detector's input: too small to be found"),
    "short_share": (SHORT_MANY, "more short tracks: what is no object begins tracks"),
    "broken_share": (BROKEN_MANY, "more of the ends are breaks: something breaks tracks"),
    "inside": (INSIDE_MANY, "more births or deaths inside that are no breaks: a door, or misses"),
    "place": (CROWDED, "more of the births and deaths inside in a twentieth of the picture: a"
                       " place that hides people"),
    "buffer": (BUFFER, "more of the breaks are longer than tracker.track_buffer lasts"),
}  # fmt: skip
"""From which value on something is said, and why."""


@dataclass(frozen=True, slots=True)
class Advice:
    """Something to try. about: which of THRESHOLDS led to it; saw: the numbers; do: what to try;
    setting: its name in sources.toml, or empty."""

    about: str
    saw: str
    do: str
    setting: str = ""


def advise(quality: Quality, settings: Mapping[str, Any] | None = None) -> list[Advice]:
    """What to try, the most telling first; nothing where too little was seen to tell.

    settings: those of the newest run (`runs.settings`), for the detector's input and the tracker.
    """
    found = list(_of_watching(quality))
    if quality.tracks >= FEW:
        for rule in (_of_size, _of_detector, _of_light, _of_breaks, _of_place, _of_short,
                     _of_inside):  # fmt: skip
            found += rule(quality, settings or {})
    return found


def _value(quality: Quality, name: str) -> float:
    """A number; NaN, which is never beyond any threshold, where there is none."""
    value = quality.value(name)
    return float("nan") if value is None else value


def _of_watching(quality: Quality) -> Iterator[Advice]:
    kept, fps, watched = _value(quality, "fps_kept"), _value(quality, "fps"), quality.watched
    failed = watched.stale + watched.down
    if watched.observed < COVERAGE * (watched.observed + failed):
        share = watched.observed / (watched.observed + failed)
        yield Advice(
            "coverage",
            f"While it was switched on, it was watched {_percent(share)} of the time; the rest it"
            " was down or its picture frozen.",
            "See to the connection, the power and the machine before anything else: what is not"
            " watched is neither counted nor tracked.",
        )
    if kept < KEPT:
        yield Advice(
            "fps_kept",
            f"Of the source's {quality.source_fps:.3g} pictures a second {fps:.3g} are looked at.",
            "If that is not wanted: speed = \"fast\", a smaller image_size, or fewer sources on"
            " this machine.",
            "speed",
        )  # fmt: skip
    elif fps < SLOW:
        yield Advice(
            "fps",
            f"Looked at: {fps:.3g} a second.",
            "Raise the camera's frame rate, or fps where it is limited: 8 to 15 a second suit"
            " people on foot. Below 5 they go farther from picture to picture than a tracker can"
            " be sure of.",
            "fps",
        )


def _of_size(quality: Quality, settings: Mapping[str, Any]) -> Iterator[Advice]:
    height = _value(quality, "box_height")
    side = _number(settings, "detector", "imgsz") or 640
    longest = max(quality.source.width or 0, quality.source.height or 0)
    shown = height * min(1.0, side / longest) if longest else height
    if shown < SMALL:
        yield Advice(
            "box_height",
            f"Half of the boxes are no higher than {height:.0f} px, {shown:.0f} px in the"
            " detector's input.",
            "Mount the camera nearer or lower, or narrow its view; else a larger image_size"
            " (and not speed = \"fast\").",
            "image_size",
        )  # fmt: skip


def _of_detector(quality: Quality, settings: Mapping[str, Any]) -> Iterator[Advice]:
    found, sure = _value(quality, "found"), _value(quality, "sure")
    if found < FOUND or sure < SURE:
        yield Advice(
            "found" if found < FOUND else "sure",
            f"While tracked, objects are found in {_percent(found)} of the pictures, with a mean"
            f" confidence of {sure:.2f}.",
            "Try larger weights (yolo11s instead of yolo11n) or a larger image_size; look at focus,"
            " glare and dirt on the lens.",
            "weights",
        )


def _of_light(quality: Quality, settings: Mapping[str, Any]) -> Iterator[Advice]:
    enough = quality.hourly.tracks >= FEW
    sure = np.where(enough, quality.hourly.sure, np.nan)
    if enough.sum() < 2:
        return
    best, worst = int(np.nanargmax(sure)), int(np.nanargmin(sure))
    if sure[best] - sure[worst] > DARKER:
        dark = [hour for hour in range(24) if sure[best] - sure[hour] > DARKER]
        yield Advice(
            "darker",
            f"Confidence is {sure[best]:.2f} at {best:02} h and {sure[worst]:.2f} at {worst:02} h;"
            f" as low at {', '.join(f'{hour:02}' for hour in dark)} h.",
            "See to light at these hours: a lamp, infrared, a wider aperture, or a mount without"
            " the sun in the picture.",
        )


def _of_breaks(quality: Quality, settings: Mapping[str, Any]) -> Iterator[Advice]:
    share = _value(quality, "broken_share")
    if not share > BROKEN_MANY:
        return
    rate, fps = _value(quality, "broken_rate"), _value(quality, "fps")
    saw = f"{_percent(share)} of the tracks that end are broken, {rate:.2g} a watched minute."
    buffer = _number(settings, "tracker", "track_buffer")
    late = float((quality.gaps > buffer / fps).mean()) if buffer and fps > 0 else 0.0
    if buffer and late > BUFFER:
        yield Advice(
            "buffer",
            f"{saw} {_percent(late)} of the gaps are longer than the {buffer / fps:.1f} s for"
            " which the tracker waits.",
            "Raise tracker.track_buffer to what"
            f" {min(SOON / 1000, float(np.quantile(quality.gaps, 0.9))):.1f} s are in pictures,"
            f" {round(min(SOON / 1000, float(np.quantile(quality.gaps, 0.9))) * fps)}; or leave it,"
            " and let visits be joined.",
            "tracker.track_buffer",
        )
    else:
        yield Advice(
            "broken_share",
            saw,
            "Try tracker.match_thresh = 0.9 if it is lower, and every picture if fps is limited;"
            " the command tracking visits joins what broke, so compare visits with tracks.",
            "tracker.match_thresh",
        )


def _of_place(quality: Quality, settings: Mapping[str, Any]) -> Iterator[Advice]:
    if quality.failures is None:
        return
    ends = (quality.failures.births + quality.failures.deaths).ravel()
    few = max(1, round(len(ends) * FEW_CELLS))
    total = ends.sum()
    if total < FEW:
        return
    share = float(np.sort(ends)[::-1][:few].sum() / total)
    if share > CROWDED:
        row, column = divmod(int(ends.argmax()), quality.failures.cells.shape[1])
        across, down = quality.failures.cells.centres
        yield Advice(
            "place",
            f"{_percent(share)} of the births and deaths inside are in {_percent(FEW_CELLS)} of the"
            f" picture, most around x {across[column]:.0f}, y {down[row]:.0f} px.",
            "Something hides people there: mount the camera higher or to the side of it. If it is a"
            " door, draw a zone there whose name says so, like “door”, and it no longer counts.",
        )


def _of_short(quality: Quality, settings: Mapping[str, Any]) -> Iterator[Advice]:
    share = _value(quality, "short_share")
    if share > SHORT_MANY:
        now = _number(settings, "tracker", "new_track_thresh")
        at = f" (now {now:g})" if now else ""
        yield Advice(
            "short_share",
            f"{_percent(share)} of the tracks last less than a second.",
            f"Raise tracker.new_track_thresh{at} a little, towards 0.7, so that what is only half"
            " sure begins no track; above 0.75 people are missed.",
            "tracker.new_track_thresh",
        )


def _of_inside(quality: Quality, settings: Mapping[str, Any]) -> Iterator[Advice]:
    broken = _value(quality, "broken_share")
    births, deaths = _value(quality, "births_share"), _value(quality, "deaths_share")
    if max(births, deaths - broken) > INSIDE_MANY and broken <= BROKEN_MANY:
        yield Advice(
            "inside",
            f"{_percent(births)} of the tracks begin inside the picture and {_percent(deaths)} end"
            f" there, of which {_percent(broken)} are breaks.",
            "If there is a door in the picture, draw a zone there whose name says so. If not,"
            " people are found late: lower tracker.new_track_thresh, or try a larger image_size.",
            "tracker.new_track_thresh",
        )


def _number(settings: Mapping[str, Any], part: str, name: str) -> float | None:
    table = settings.get(part)
    value = table.get(name) if isinstance(table, Mapping) else None
    if isinstance(value, (list, tuple)) and value:
        value = max((each for each in value if isinstance(each, (int, float))), default=None)
    return float(value) if isinstance(value, (int, float)) and value > 0 else None


def _percent(share: float) -> str:
    if share != share:
        return "–"
    return f"{share * 100:.0f} %" if share >= 0.1 else f"{share * 100:.2g} %"
