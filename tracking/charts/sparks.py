"""A small picture of how something went, for beside a number."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .look import GAP, GRID, runs

WIDTH, HEIGHT = 400, 64
COLOUR = "#2F8FCB"  # on light and on dark


def spark(
    edges: npt.NDArray[np.int64], values: npt.NDArray[np.float64], now: int, colour: str = COLOUR
) -> str:
    """Bars without axes, as SVG; what was not watched is left out and hatched, and is no zero.

    edges: ms UTC, one more than values. values: NaN where nothing was watched. now: what comes
    later is neither seen nor missed. Drawn, not a Plotly figure: a page that shows it anew every
    few seconds exchanges it without a flicker.
    """
    begin, length = int(edges[0]), max(1, int(edges[-1] - edges[0]))
    place = (edges - begin) * (WIDTH / length)
    known = ~np.isnan(values)
    top = float(values[known].max()) if known.any() else 0.0
    marks = [
        _bar(place[i], place[i + 1], (HEIGHT - 4) * values[i] / (top or 1), colour,
             f'data-since="{edges[i]}" data-value="{values[i]:.6g}"')
        for i in np.flatnonzero(known)
    ]  # fmt: skip
    for since, until in runs(~known & (edges[:-1] < now), np.minimum(edges, now)):
        a, b = (t - begin for t in (since, until))
        about = f'data-since="{since}" data-until="{until}"'
        ends = a * WIDTH / length, b * WIDTH / length
        marks.append(_bar(*ends, HEIGHT - 4, "url(#gap)", about))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}"'
        f' viewBox="0 0 {WIDTH} {HEIGHT}"><defs><pattern id="gap" width="6" height="6"'
        ' patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<line x1="0" y1="0" x2="0" y2="6" stroke="{GAP}" stroke-width="2"/></pattern></defs>'
        f'<path d="M0 {HEIGHT - 0.5}H{WIDTH}" stroke="{GRID}"/>{"".join(marks)}</svg>'
    )


def _bar(left: float, right: float, height: float, fill: str, about: str) -> str:
    wide = max(0.5, right - left - min(1.0, 0.2 * (right - left)))
    return (
        f'<rect x="{left:.2f}" y="{HEIGHT - height:.2f}" width="{wide:.2f}"'
        f' height="{height:.2f}" fill="{fill}" {about}/>'
    )
