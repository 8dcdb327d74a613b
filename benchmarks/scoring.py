"""How well a tracker followed people, as the papers count it: HOTA, CLEAR and identity metrics."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from trackeval.metrics import CLEAR, HOTA, Identity

FRAME, IDENTITY, CONSIDERED = 0, 1, 6
BOX = slice(2, 6)


@dataclass(frozen=True, slots=True)
class Score:
    """One result measured against one ground truth.

    hota, deta, assa: percent, the mean over the 19 overlap thresholds 0.05, 0.10 ... 0.95.
    mota, idf1: percent, at overlap 0.5; mota falls below 0 when there are more errors than people.
    id_switches: times a person was handed from one id to another.
    ids, true_ids: different ids in the result and in the ground truth.
    false_positives, misses: boxes without a person, and persons without a box, at overlap 0.5.
    """

    hota: float
    deta: float
    assa: float
    mota: float
    idf1: float
    id_switches: int
    ids: int
    true_ids: int
    false_positives: int
    misses: int


def score(ground_truth: Path, result: Path) -> Score:
    """Measure a result against the ground truth, both MOTChallenge text files.

    Their rows are frame (from 1), id, left, top, width, height (pixels), confidence, and more.
    Ground truth rows whose seventh column is 0 are ignored; the result's confidence is not read.
    """
    truth = read(ground_truth)
    sequence = paired(truth[truth[:, CONSIDERED] != 0], read(result))
    hota = HOTA().eval_sequence(sequence)
    clear = CLEAR({"PRINT_CONFIG": False}).eval_sequence(sequence)
    identity = Identity({"PRINT_CONFIG": False}).eval_sequence(sequence)
    return Score(
        hota=100 * float(np.mean(hota["HOTA"])),
        deta=100 * float(np.mean(hota["DetA"])),
        assa=100 * float(np.mean(hota["AssA"])),
        mota=100 * float(clear["MOTA"]),
        idf1=100 * float(identity["IDF1"]),
        id_switches=int(clear["IDSW"]),
        ids=sequence["num_tracker_ids"],
        true_ids=sequence["num_gt_ids"],
        false_positives=int(clear["CLR_FP"]),
        misses=int(clear["CLR_FN"]),
    )


def read(path: Path) -> np.ndarray:
    """Rows of a MOTChallenge text file: float, shape (rows, 7); an empty file has no rows."""
    lines = [line for line in path.read_text().splitlines() if line.strip()]
    return np.array([line.split(",")[:7] for line in lines], dtype=float).reshape(-1, 7)


def paired(truth: np.ndarray, result: np.ndarray) -> dict[str, Any]:
    """The two as trackeval wants them: a list entry per frame, ids counted from 0 without gaps."""
    true_ids, truth_ids = np.unique(truth[:, IDENTITY], return_inverse=True)
    ids, result_ids = np.unique(result[:, IDENTITY], return_inverse=True)
    frames = int(max(truth[:, FRAME].max(initial=0), result[:, FRAME].max(initial=0)))
    in_truth = [truth[:, FRAME] == frame for frame in range(1, frames + 1)]
    in_result = [result[:, FRAME] == frame for frame in range(1, frames + 1)]
    return {
        "num_timesteps": frames,
        "num_gt_ids": len(true_ids),
        "num_tracker_ids": len(ids),
        "num_gt_dets": len(truth),
        "num_tracker_dets": len(result),
        "gt_ids": [truth_ids[here] for here in in_truth],
        "tracker_ids": [result_ids[here] for here in in_result],
        "similarity_scores": [
            overlaps(truth[a, BOX], result[b, BOX])
            for a, b in zip(in_truth, in_result, strict=True)
        ],
    }


def overlaps(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Intersection over union, 0 to 1, of boxes (left, top, width, height): (first, second)."""
    first, second = first[:, None], second[None]
    near = np.maximum(first[..., :2], second[..., :2])
    far = np.minimum(first[..., :2] + first[..., 2:], second[..., :2] + second[..., 2:])
    shared = np.maximum(far - near, 0).prod(axis=-1)
    both = first[..., 2:].prod(axis=-1) + second[..., 2:].prod(axis=-1) - shared
    share: np.ndarray = shared / np.maximum(both, np.finfo(float).eps)
    return share
