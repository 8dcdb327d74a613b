"""The scorer agrees with worlds that can be scored by hand, and the tracker with what is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("trackeval")

from benchmarks.accuracy import met, track_ours
from benchmarks.scoring import Score, score

LEFT, RIGHT = 100, 400
"""Left edges in pixels of two places too far apart to overlap."""


def row(frame: int, identity: int, left: float, considered: float = 1) -> str:
    return f"{frame},{identity},{left},200,40,80,{considered},-1,-1,-1"


def measured(folder: Path, truth: list[str], result: list[str]) -> Score:
    (folder / "truth.txt").write_text("\n".join(truth))
    (folder / "result.txt").write_text("\n".join(result))
    return score(folder / "truth.txt", folder / "result.txt")


TWO_PEOPLE = [row(frame, person, left) for frame in range(1, 11)
              for person, left in ((1, LEFT), (2, RIGHT))]  # fmt: skip


def test_a_perfect_result_scores_a_hundred(tmp_path: Path) -> None:
    got = measured(tmp_path, TWO_PEOPLE, TWO_PEOPLE)
    assert (got.hota, got.deta, got.assa) == pytest.approx((100, 100, 100))
    assert (got.mota, got.idf1) == pytest.approx((100, 100))
    assert (got.ids, got.true_ids, got.id_switches) == (2, 2, 0)
    assert (got.false_positives, got.misses) == (0, 0)


def test_other_id_numbers_for_the_same_people_are_as_good(tmp_path: Path) -> None:
    renamed = [row(frame, identity, left) for frame in range(1, 11)
               for identity, left in ((700, LEFT), (31, RIGHT))]  # fmt: skip
    assert measured(tmp_path, TWO_PEOPLE, renamed).hota == pytest.approx(100)


def test_a_new_id_halfway_is_one_switch(tmp_path: Path) -> None:
    truth = [row(frame, 1, LEFT) for frame in range(1, 11)]
    result = [row(frame, 1 if frame <= 5 else 2, LEFT) for frame in range(1, 11)]
    got = measured(tmp_path, truth, result)
    assert (got.id_switches, got.ids, got.true_ids) == (1, 2, 1)
    assert got.mota == pytest.approx(90)
    assert got.idf1 == pytest.approx(50)


def test_two_people_swapping_ids_are_two_switches(tmp_path: Path) -> None:
    swapped = [row(frame, person if frame <= 5 else 3 - person, left) for frame in range(1, 11)
               for person, left in ((1, LEFT), (2, RIGHT))]  # fmt: skip
    got = measured(tmp_path, TWO_PEOPLE, swapped)
    assert (got.id_switches, got.ids) == (2, 2)
    assert got.mota == pytest.approx(90)
    assert got.deta == pytest.approx(100)
    assert got.assa < 50


def test_an_empty_result_misses_everyone(tmp_path: Path) -> None:
    got = measured(tmp_path, TWO_PEOPLE, [])
    assert (got.hota, got.mota, got.idf1) == (0, 0, 0)
    assert (got.misses, got.false_positives, got.ids, got.true_ids) == (20, 0, 0, 2)


def test_ignored_people_need_not_be_found(tmp_path: Path) -> None:
    ignored = [row(frame, 2, RIGHT, considered=0) for frame in range(1, 11)]
    found = [row(frame, 1, LEFT) for frame in range(1, 11)]
    got = measured(tmp_path, [*found, *ignored], found)
    assert got.hota == pytest.approx(100)
    assert (got.true_ids, got.misses) == (1, 0)


def test_a_box_where_nobody_stands_and_a_box_too_far_off_are_false(tmp_path: Path) -> None:
    truth = [row(1, 1, LEFT), row(2, 1, LEFT)]
    result = [row(1, 1, LEFT), row(1, 9, RIGHT), row(2, 1, LEFT + 30)]
    got = measured(tmp_path, truth, result)
    assert (got.false_positives, got.misses) == (2, 1)


@pytest.mark.slow
def test_the_real_command_line_tracks_as_well_as_is_asked(
    shared: Path, weights: Path, vtest: Path, tmp_path: Path
) -> None:
    """MOTA, IDF1, HOTA and identity switches on a public sequence; the least values stand there."""
    track_ours(vtest, weights, tmp_path / "x.txt")
    got = score(vtest.with_name("gt.txt"), tmp_path / "x.txt")
    assert all(met(got).values()), got
