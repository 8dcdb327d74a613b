"""A short clip whose truth is known: six people cross a plaza, meet, and hide each other.

Everything is put together at run time, so the true box of everyone in every frame is known.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .places import Passing, Visit, passings, visits
from .scene import HEIGHT, WIDTH, draw_plaza
from .walks import Figure, draw, figures, inside

FPS = 15.0
FRAMES = 270
HIDDEN = 0.8  # hidden to more than this share: an occlusion
CLEAR = 0.3  # a person that is less visible need not be found
COVERS = 0.5  # least intersection over union of a track's box and a person's
FEWEST = 3  # frames in which a track must cover a person to count as that person's

Box = tuple[float, float, float, float]  # left, top, width, height, pixels


@dataclass(frozen=True, slots=True)
class Occlusion:
    """Somebody hides behind somebody else; the frames are those of more than 80 % hidden."""

    behind: int
    in_front: int
    first_frame: int
    last_frame: int


@dataclass(frozen=True, slots=True)
class DemoTruth:
    """What the clip shows.

    boxes: person, from 1 -> frame, from 0 -> box of the full body, clipped to the picture.
    visible: person -> frame -> share of the body that is in the picture and not hidden, 0..1.
    feet: person -> frame -> where they stand, in pixels, also outside of the picture.
    """

    fps: float
    width: int
    height: int
    frames: int
    boxes: dict[int, dict[int, Box]]
    visible: dict[int, dict[int, float]]
    feet: dict[int, dict[int, tuple[float, float]]]
    occlusions: tuple[Occlusion, ...]

    @property
    def people(self) -> int:
        return len(self.boxes)

    @property
    def passings(self) -> tuple[Passing, ...]:
        """Who crosses the line `places.LINE`."""
        return passings(self.feet, self.fps)

    @property
    def visits(self) -> tuple[Visit, ...]:
        """Who is in the zone `places.ZONE`."""
        return visits(self.feet)


@dataclass(frozen=True, slots=True)
class DemoResult:
    """Tracks beside the truth.

    found: person -> ids of the tracks that covered it, in order of first appearance.
    strays: tracks that cover nobody.
    each_counted_once: one track for each person, one person for each track.
    ids_held_through_occlusions: both people of each occlusion keep their ids.
    """

    people: int
    tracks: int
    found: dict[int, tuple[int, ...]]
    strays: tuple[int, ...]
    each_counted_once: bool
    ids_held_through_occlusions: bool


def demo_truth() -> DemoTruth:
    """What the clip shows, without writing it."""
    record = _Record()
    for frame in range(FRAMES):
        record.add(frame, figures(frame / FPS))
    return record.truth()


def make_demo(path: str | Path, progress: Callable[[int, int], None] | None = None) -> DemoTruth:
    """Write the clip as an mp4 file and say what it shows. ``progress``: frames done, in all."""
    from ..recording import VideoRecorder

    record, plaza = _Record(), draw_plaza()
    with VideoRecorder(path, FPS) as recorder:
        for frame in range(FRAMES):
            shown = figures(frame / FPS)
            record.add(frame, shown)
            recorder.write(draw(plaza, shown))
            if progress is not None:
                progress(frame + 1, FRAMES)
    return record.truth()


class _Record:
    """Notes frame by frame who is where, and who hides whom."""

    def __init__(self) -> None:
        self.boxes: defaultdict[int, dict[int, Box]] = defaultdict(dict)
        self.visible: defaultdict[int, dict[int, float]] = defaultdict(dict)
        self.feet: defaultdict[int, dict[int, tuple[float, float]]] = defaultdict(dict)
        self.occlusions: list[Occlusion] = []

    def add(self, frame: int, shown: list[Figure]) -> None:
        """``shown``: the farthest first."""
        owner = np.zeros((HEIGHT, WIDTH), np.uint8)  # whom each pixel shows
        bodies = {}
        for figure in shown:
            where, image = inside(figure, owner)
            body = image[..., 3] > 0.5
            owner[where][body] = figure.person
            bodies[figure.person] = where, body
        for figure in shown:
            self.feet[figure.person][frame] = figure.foot
            where, body = bodies[figure.person]
            seen = Counter(owner[where][body].tolist())
            if not seen:
                continue
            whole = int(np.count_nonzero(figure.image[..., 3] > 0.5))
            self.boxes[figure.person][frame] = _clipped(figure.box)
            self.visible[figure.person][frame] = seen[figure.person] / whole
            other, hidden = seen.most_common(1)[0]
            if other != figure.person and hidden > HIDDEN * whole:
                self._hide(frame, figure.person, other)

    def _hide(self, frame: int, behind: int, in_front: int) -> None:
        for index, known in enumerate(self.occlusions):
            if (known.behind, known.in_front, known.last_frame) == (behind, in_front, frame - 1):
                self.occlusions[index] = Occlusion(behind, in_front, known.first_frame, frame)
                return
        self.occlusions.append(Occlusion(behind, in_front, frame, frame))

    def truth(self) -> DemoTruth:
        order = sorted(self.boxes)
        return DemoTruth(
            fps=FPS,
            width=WIDTH,
            height=HEIGHT,
            frames=FRAMES,
            boxes={person: self.boxes[person] for person in order},
            visible={person: self.visible[person] for person in order},
            feet={person: self.feet[person] for person in order},
            occlusions=tuple(self.occlusions),
        )


def _clipped(box: tuple[float, float, float, float]) -> Box:
    """Corners to left, top, width, height within the picture."""
    left, top = max(box[0], 0.0), max(box[1], 0.0)
    return left, top, min(box[2], WIDTH) - left, min(box[3], HEIGHT) - top


def compare(truth: DemoTruth, tracks: dict[int, dict[int, Box]]) -> DemoResult:
    """Match tracks (id -> frame -> box) to the people, frame by frame."""
    covered = _covered(truth, tracks)
    times = {person: Counter(of.values()) for person, of in covered.items()}
    found = {
        person: tuple(dict.fromkeys(t for _, t in sorted(of.items()) if times[person][t] >= FEWEST))
        for person, of in covered.items()
    }
    used = [track for ids in found.values() for track in ids]
    strays = tuple(sorted(set(tracks) - set(used)))
    once = all(len(ids) == 1 for ids in found.values()) and len(set(used)) == len(used)
    return DemoResult(
        people=truth.people,
        tracks=len(tracks),
        found=found,
        strays=strays,
        each_counted_once=once and not strays,
        ids_held_through_occlusions=all(
            _held(covered[person], occlusion)
            for occlusion in truth.occlusions
            for person in (occlusion.behind, occlusion.in_front)
        ),
    )


def _held(track_of: dict[int, int], occlusion: Occlusion) -> bool:
    """Whether the same track covers a person right before and right after; frame -> track."""
    before = [frame for frame in track_of if frame < occlusion.first_frame]
    after = [frame for frame in track_of if frame > occlusion.last_frame]
    return bool(before and after) and track_of[max(before)] == track_of[min(after)]


def _covered(truth: DemoTruth, tracks: dict[int, dict[int, Box]]) -> dict[int, dict[int, int]]:
    """Person -> frame -> the track that covers it there, for people seen well enough."""
    import lap

    covered: dict[int, dict[int, int]] = {person: {} for person in truth.boxes}
    for frame in range(truth.frames):
        people = [p for p in truth.boxes if truth.visible[p].get(frame, 0) >= CLEAR]
        ids = [track for track, boxes in tracks.items() if frame in boxes]
        if not people or not ids:
            continue
        overlaps = _overlaps(
            np.array([truth.boxes[person][frame] for person in people]),
            np.array([tracks[track][frame] for track in ids]),
        )
        # Pairs below the least overlap are worth nothing, so that they never win over a good one.
        worth = np.where(overlaps >= COVERS, overlaps, 0)
        _, columns, _ = lap.lapjv(1 - worth, extend_cost=True)
        for row, column in enumerate(columns):
            if column >= 0 and worth[row, column] > 0:
                covered[people[row]][frame] = ids[column]
    return covered


def _overlaps(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Intersection over union of each box of ``a`` (n, 4) with each of ``b`` (m, 4): (n, m)."""
    a, b = a[:, None], b[None]
    start = np.maximum(a[..., :2], b[..., :2])
    end = np.minimum(a[..., :2] + a[..., 2:], b[..., :2] + b[..., 2:])
    shared = np.clip(end - start, 0, None).prod(axis=-1)
    union = a[..., 2:].prod(axis=-1) + b[..., 2:].prod(axis=-1) - shared
    return np.asarray(shared / union, np.float64)
