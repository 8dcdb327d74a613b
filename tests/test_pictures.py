"""A live picture costs the engine nothing, and is made once for all who look."""

from __future__ import annotations

import asyncio
import threading
import time
import weakref
from concurrent.futures import Future

import cv2
import numpy as np
import pytest

from tests.conftest import NOON, picture
from tracking.drawing import Look, colour
from tracking.frame import Frame, Image, Track
from tracking.runner.pictures import MOST_LOOKS, LivePicture, Shot

PLAIN = Look(boxes=False, labels=False, trails=False)


def frame(index: int, *tracks: Track, image: Image | None = None) -> Frame:
    image = picture(index % 250, (320, 240)) if image is None else image
    return Frame(index, NOON + 100 * index, image, tracks)


def walker(x: float) -> Track:
    return Track(1, "person", 0.9, x, 120, 40, 80)


def shot(live: LivePicture, look: Look = PLAIN) -> Shot:
    future = live.shot(look)
    assert future is not None
    return future.result(timeout=10)


def opened(taken: Shot) -> Image:
    assert taken.jpeg[:2] == b"\xff\xd8"
    assert taken.jpeg[-2:] == b"\xff\xd9"
    image = cv2.imdecode(np.frombuffer(taken.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return image


def coloured(image: Image) -> int:
    """How many pixels have about the colour of the walker."""
    return int((np.abs(image.astype(int) - colour(1)).max(axis=2) < 60).sum())


def test_nothing_is_encoded_that_nobody_asks_for() -> None:
    live = LivePicture()
    for index in range(50):
        live.publish(frame(index, walker(100)))
    assert (live.frames, live.encoded) == (50, 0)


def test_all_who_want_the_same_share_one_encoding() -> None:
    live = LivePicture()
    live.publish(frame(0))
    assert len({shot(live).jpeg for _ in range(20)}) == live.encoded == 1
    shot(live, Look(width=100))
    assert live.encoded == 2
    live.publish(frame(1))
    shot(live)
    assert live.encoded == 3


def test_asking_from_many_threads_at_once_encodes_once() -> None:
    live = LivePicture()
    live.publish(frame(0))
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait()
        shot(live)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert live.encoded == 1


def test_before_the_first_frame_there_is_no_picture() -> None:
    live = LivePicture()
    assert live.shot(PLAIN) is None
    assert live.age is None
    assert asyncio.run(live.seen(PLAIN)) is None


def test_a_picture_has_the_age_of_its_coming_not_of_its_capture() -> None:
    live = LivePicture()
    live.publish(frame(0))
    time.sleep(0.05)
    assert live.age is not None
    assert 0.05 <= live.age < 5


def test_a_shot_is_the_newest_frame_with_its_time_and_number() -> None:
    live = LivePicture()
    for index in range(7, 10):
        live.publish(frame(index))
    taken = shot(live)
    assert (taken.number, taken.index, taken.t) == (3, 9, NOON + 900)
    assert abs(int(opened(taken).mean()) - 9) <= 1


@pytest.mark.parametrize(("width", "size"), [(None, (320, 240)), (80, (80, 60)), (99, (99, 74))])
def test_a_shot_has_the_width_asked_for(width: int | None, size: tuple[int, int]) -> None:
    live = LivePicture()
    live.publish(frame(0, walker(100)))
    assert opened(shot(live, Look(width=width))).shape[1::-1] == size


def test_a_shot_is_never_larger_than_the_picture() -> None:
    live = LivePicture()
    live.publish(frame(0))
    assert opened(shot(live, Look(width=4000))).shape[1] == 320
    shot(live, Look())
    assert live.encoded == 1  # they are the same


def test_the_published_picture_is_left_as_it_is() -> None:
    live, image = LivePicture(), picture(0, (320, 240))
    image.flags.writeable = False
    live.publish(frame(0, walker(100), image=image))
    shot(live, Look())
    assert image.max() == 0


@pytest.mark.parametrize("part", ["boxes", "labels", "trails"])
def test_each_part_is_drawn_only_when_asked_for(part: str) -> None:
    live = LivePicture()
    for index in range(10):
        live.publish(frame(index, walker(100 + 10 * index), image=picture(0, (320, 240))))
    others = {"boxes": True, "labels": True, "trails": True, part: False}
    alone = {name: not wanted for name, wanted in others.items()}
    assert coloured(opened(shot(live, PLAIN))) == 0
    assert coloured(opened(shot(live, Look(**alone)))) > 50
    assert coloured(opened(shot(live, Look(**others)))) < coloured(opened(shot(live, Look())))


def test_the_trail_is_there_when_somebody_begins_to_look() -> None:
    live = LivePicture()
    for index in range(20):
        live.publish(frame(index, walker(50 + 10 * index), image=picture(0, (320, 240))))
    drawn = opened(shot(live, Look(boxes=False, labels=False)))
    assert (drawn[158:163, 70:220].max(axis=(0, 2)) > 90).all()


def test_only_the_newest_picture_is_kept() -> None:
    live, pictures = LivePicture(), []
    for index in range(5):
        image = picture(index, (320, 240))
        pictures.append(weakref.ref(image))
        live.publish(frame(index, image=image))
        if index % 2:
            shot(live)
        del image
    shot(live)
    deadline = time.monotonic() + 5  # a worker lets go a moment after its answer
    while sum(kept() is not None for kept in pictures) > 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [kept() is not None for kept in pictures] == [False, False, False, False, True]


def test_a_picture_that_stands_still_keeps_few_looks() -> None:
    live = LivePicture()
    live.publish(frame(0))
    kept: list[weakref.ref[Future[Shot]]] = []
    for width in range(20, 20 + 3 * MOST_LOOKS):
        future = live.shot(Look(width=width))
        assert future is not None
        future.result(timeout=10)
        kept.append(weakref.ref(future))
        del future
    deadline = time.monotonic() + 5
    while sum(one() is not None for one in kept) > MOST_LOOKS and time.monotonic() < deadline:
        time.sleep(0.01)
    assert sum(one() is not None for one in kept) == MOST_LOOKS


def test_a_viewer_waits_until_there_is_a_newer_frame() -> None:
    live = LivePicture()
    live.publish(frame(0))

    async def look() -> tuple[bool, bool, float]:
        begin = time.monotonic()
        early = await live.newer(1, patience=0.02)
        threading.Timer(0.1, live.publish, [frame(1)]).start()
        late = await live.newer(1, patience=10)
        return early, late, time.monotonic() - begin

    early, late, took = asyncio.run(look())
    assert (early, late) == (False, True)
    assert 0.1 < took < 5


def test_every_viewer_of_every_event_loop_is_woken() -> None:
    live = LivePicture()
    woken: list[bool] = []

    async def look() -> None:
        woken.extend(await asyncio.gather(*(live.newer(0, patience=10) for _ in range(5))))

    threads = [threading.Thread(target=asyncio.run, args=(look(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    live.publish(frame(0))
    for thread in threads:
        thread.join(timeout=5)
    assert woken == [True] * 10


def test_a_viewer_whose_event_loop_is_gone_does_not_disturb_the_others() -> None:
    live = LivePicture()
    assert not asyncio.run(live.newer(0, patience=0.01))
    live.publish(frame(0))
    threading.Timer(0.1, live.publish, [frame(1)]).start()
    assert asyncio.run(live.newer(1, patience=10))


def test_a_viewer_who_leaves_does_not_take_the_picture_from_another() -> None:
    live, busy = LivePicture(), [LivePicture() for _ in range(4)]
    for other in busy:  # the workers have to do, so that the shot is still to be made
        other.publish(frame(0, image=picture(9, (4000, 3000))))
    live.publish(frame(0))

    async def look() -> Shot | None:
        for other in busy:
            other.shot(PLAIN)
        leaving, staying = (asyncio.ensure_future(live.seen(PLAIN)) for _ in range(2))
        await asyncio.sleep(0)
        leaving.cancel()
        return await staying

    taken = asyncio.run(look())
    assert taken is not None
    assert taken.number == 1


def test_viewers_are_counted_while_they_look() -> None:
    live = LivePicture()
    with live.watched(), live.watched():
        assert live.viewers == 2
    assert live.viewers == 0
