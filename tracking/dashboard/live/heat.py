"""Where people have just been, as a see-through picture to lay over a live one."""

from __future__ import annotations

import base64
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np

from ...database import describing, open_readonly, sources
from ...errors import DatabaseError
from ...heatmap import Heatmap, read_heatmap
from ...times import now_ms

WINDOW = 900  # seconds that are shown
ACROSS = 320  # pixels of the picture, which is stretched over the live one
CELL = 16  # pixels of the source
DENSEST = 190  # of 255: how much of the live picture the hottest place hides


def heat_overlay(database: Path, now: int | None = None) -> dict[str, str]:
    """For each source in which somebody was seen in the last 15 minutes: a PNG as a data URL.

    now: milliseconds since 1970 UTC. A database that cannot be read gives none.
    """
    since = (now_ms() if now is None else now) - WINDOW * 1000
    try:
        with closing(open_readonly(database)) as connection, describing(database):
            known = sources(connection)
    except DatabaseError:
        return {}
    found = {}
    for source in known:
        try:
            heatmap = read_heatmap(database, source.id, WINDOW, CELL)
        except DatabaseError:  # nobody was seen in it yet
            continue
        if heatmap.until > since and heatmap.seconds.any():
            png = base64.b64encode(painted(heatmap)).decode()
            found[source.name] = f"data:image/png;base64,{png}"
    return found


def painted(heatmap: Heatmap) -> bytes:
    """A PNG of the frame's proportions: the longer somebody stood, the brighter and the denser."""
    grid = heatmap.grid
    rows, columns = grid.shape
    whole = cv2.resize(heatmap.seconds.astype(np.float32), (columns * 4, rows * 4))
    smooth = cv2.GaussianBlur(whole, (0, 0), 3)
    # the last cells may reach beyond the frame
    seen = smooth[: round(grid.height * 4 / grid.cell), : round(grid.width * 4 / grid.cell)]
    height = max(1, round(ACROSS * grid.height / grid.width))
    share = np.sqrt(cv2.resize(seen, (ACROSS, height)) / max(float(seen.max()), 1e-9))
    shade = np.clip(share * 255, 0, 255).astype(np.uint8)
    picture = cv2.cvtColor(cv2.applyColorMap(shade, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2BGRA)
    picture[..., 3] = np.clip(share * 1.6, 0, 1) * DENSEST
    return cv2.imencode(".png", picture)[1].tobytes()
