"""Figures over a source's own picture: heat, paths, flow, and what changed.

Each fills its space to the edges; a figure of its scale goes beneath it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from ..footprints import COLUMNS, Ground
from ..localtime import MINUTE
from ..metrics.places import OCTANTS, Cells, Change, Flow, Heat
from ..metrics.ways import Way
from . import words
from .look import PALETTE, text
from .shades import HOT, Floats, Shade, css

PLAIN = "#7C8791"  # where there is no picture
TIMES = 8  # colours by time
SPEEDS = 6  # colours by speed
ARROWS = ("→", "↘", "↓", "↙", "←", "↖", "↑", "↗")
LATER = ("#440154", "#46327E", "#365C8D", "#277F8E", "#1FA187", "#4AC16D", "#A0DA39", "#FDE725")
"""From early to late: viridis."""

# a slim arrow of length 1 that points right, around its own middle
_ARROW = np.array(
    [(-0.5, -0.07), (0.12, -0.1), (0.12, -0.26), (0.5, 0), (0.12, 0.26), (0.12, 0.1), (-0.5, 0.07)]
)


@dataclass(frozen=True, slots=True)
class Picture:
    """What figures are drawn over: a ground, and a JPEG of it, which may be scaled."""

    ground: Ground
    jpeg: bytes | None = None


def heat_figure(
    picture: Picture,
    heat: Heat,
    shade: Shade,
    region: Iterable[int] = (),
    way: Way | None = None,
) -> go.Figure:
    """Presence or visits; a region can be brushed. region: cells of the ground, with an outline."""
    seconds = heat.metric.unit == "seconds"

    def told(value: float) -> str:
        amount = words.lasting(value) if seconds else f"{words.number(value)} visits"
        about = f"<br>{words.share(value / heat.value)} of all" if heat.value else ""
        return f"<b>{amount}</b>{about}"

    made = over(picture)
    made.add_trace(_shaded(heat.cells, shade, told))
    made.add_trace(_to_brush(heat.cells))
    _outline(made, picture.ground, region)
    if way is not None:
        _walked(made, way)
    return made


def change_figure(picture: Picture, change: Change, shade: Shade) -> go.Figure:
    """More and less presence than in the other time."""

    def told(value: float) -> str:
        sign = "+" if value > 0 else "−"
        return f"<b>{sign}{words.number(abs(value))} s</b> per watched hour"

    made = over(picture)
    made.add_trace(_shaded(change.cells, shade, told))
    return made


def paths_figure(
    picture: Picture, ways: Sequence[Way], colours: dict[str, str], zone: str, by_time: bool = False
) -> go.Figure:
    """Paths; colours: of each label. Whoever is seen last has a dot."""
    made = over(picture)
    made.add_trace(_lines(ways, "rgba(10,14,18,0.55)", 4, None))
    for name, colour, part in grouped(ways, colours, zone, by_time):
        made.add_trace(_lines(part, colour, 2, zone, name))
    ends = [way for way in ways if len(way.t)]
    made.add_trace(
        go.Scatter(
            x=[way.x[-1] for way in ends],
            y=[way.y[-1] for way in ends],
            mode="markers",
            marker={"size": 6, "color": "white", "line": {"width": 1.5, "color": "#17222D"}},
            hoverinfo="skip",
        )
    )
    return made


def grouped(
    ways: Sequence[Way], colours: dict[str, str], zone: str, by_time: bool
) -> list[tuple[str, str, list[Way]]]:
    """The paths that have one colour together: what it means, the colour, and they."""
    shown = [way for way in ways if len(way.t)]
    if not by_time:
        labels = dict.fromkeys(way.label for way in shown)
        return [
            (label, colours.get(label, PALETTE[0]), [w for w in shown if w.label == label])
            for label in sorted(labels)
        ]
    begins = [int(way.t[0]) // MINUTE * MINUTE for way in shown]
    ordered = sorted(begins)
    edges = sorted({ordered[len(ordered) * part // TIMES] for part in range(TIMES if shown else 0)})
    number = np.searchsorted(edges, begins, "right") - 1
    found = []
    for each in range(len(edges)):
        if part := [way for way, of in zip(shown, number, strict=True) if of == each]:
            found.append(
                (
                    f"from {words.moment(edges[each], zone)}",
                    LATER[each * 7 // max(1, len(edges) - 1)],
                    part,
                )
            )
    return found


def flow_figure(picture: Picture, flow: Flow) -> go.Figure:
    """Arrows; where all go the same way they are long, where they cancel each other out short."""
    made = over(picture)
    for colour, polygons in arrows(flow):
        line = np.concatenate([np.vstack([each, each[:1], [[np.nan] * 2]]) for each in polygons])
        made.add_trace(
            go.Scatter(
                x=_listed(line[:, 0]),
                y=_listed(line[:, 1]),
                mode="lines",
                fill="toself",
                fillcolor=colour,
                line={"color": "rgba(10,14,18,0.7)", "width": 1},
                hoverinfo="skip",
            )
        )
    across, down = _crossed(flow.cells)
    told = flow.told
    made.add_trace(
        go.Scatter(
            x=across[told],
            y=down[told],
            mode="markers",
            marker={"size": 18, "color": "rgba(0,0,0,0)"},
            text=_about_flow(flow),
            hovertemplate="%{text}<extra></extra>",
        )
    )
    made.update_layout(hoverdistance=40)
    return made


def arrows(flow: Flow) -> list[tuple[str, list[Floats]]]:
    """The arrows of one colour together, as polygons in pixels; slow ones first."""
    across, down = _crossed(flow.cells)
    told = flow.told
    number = np.digitize(flow.speed[told], speeds(flow)[1:-1])
    angle = np.arctan2(flow.dy[told], flow.dx[told])
    length = flow.cells.side * (0.35 + 0.6 * flow.steadiness[told])
    groups: list[list[Floats]] = [[] for _ in range(SPEEDS)]
    for x, y, turn, size, group in zip(
        across[told], down[told], angle, length, number, strict=True
    ):
        cos, sin = np.cos(turn), np.sin(turn)
        groups[group].append(size * _ARROW @ np.array([[cos, sin], [-sin, cos]]) + (x, y))
    return [(_hex(HOT[each + 1]), part) for each, part in enumerate(groups) if part]


def speeds(flow: Flow) -> Floats:
    """The edges between the colours of arrows, in pixels a second; from 0 to the fastest."""
    told = flow.told
    top = float(flow.speed[told].max()) if told.any() else 1.0
    found: Floats = np.linspace(0, top, SPEEDS + 1)
    return found


def rose_figure(flow: Flow, height: int = 250) -> go.Figure:
    """Which share of all movement goes where."""
    share = 100 * flow.rose / (flow.rose.sum() or 1)
    made = go.Figure(
        go.Barpolar(
            theta=[45 * number for number in range(len(OCTANTS))],
            r=share,
            width=38,
            marker={"color": PALETTE[0], "line": {"width": 0}},
            customdata=OCTANTS,
            hovertemplate="%{r:.0f} % goes %{customdata}<extra></extra>",
        )
    )
    made.update_layout(
        height=height,
        margin={"l": 28, "r": 28, "t": 24, "b": 24},
        dragmode=False,
        polar={
            "bgcolor": "rgba(0,0,0,0)",
            "angularaxis": {
                "direction": "clockwise",
                "rotation": 0,
                "tickvals": [45 * number for number in range(len(OCTANTS))],
                "ticktext": ARROWS,
                "tickfont": {"size": 16},
                "gridcolor": "rgba(128,138,148,0.25)",
                "linecolor": "rgba(128,138,148,0.25)",
            },
            "radialaxis": {
                "ticksuffix": " %",
                "nticks": 3,
                "angle": 22.5,
                "gridcolor": "rgba(128,138,148,0.25)",
                "tickfont": {"size": 10},
                "showline": False,
            },
        },
    )
    return made


def scale_figure(
    stops: Sequence[tuple[float, str]], ticks: Sequence[tuple[float, str]], name: str
) -> go.Figure:
    """A scale's colours with what they mean, to go beneath a figure."""
    made = go.Figure(
        go.Heatmap(
            z=[np.linspace(0, 1, 120)],
            x=np.linspace(0, 1, 120),
            colorscale=[list(stop) for stop in stops],
            zmin=0,
            zmax=1,
            showscale=False,
            hoverinfo="skip",
        )
    )
    made.update_layout(
        height=62, margin={"l": 14, "r": 26, "t": 20, "b": 22}, dragmode=False,
        title={"text": text(name), "font": {"size": 12}, "x": 0, "xref": "paper", "y": 0.98,
               "yanchor": "top"},
    )  # fmt: skip
    made.update_xaxes(
        tickvals=[place for place, _ in ticks], ticktext=[each for _, each in ticks],
        showgrid=False, zeroline=False, fixedrange=True, range=[0, 1], ticks="outside", ticklen=3,
    )  # fmt: skip
    made.update_yaxes(visible=False, fixedrange=True)
    return made


def names_figure(names: Sequence[tuple[str, str]]) -> go.Figure:
    """What colours mean, to go beneath a figure. names: each with its colour."""
    made = go.Figure(
        [
            go.Scatter(
                x=[None], y=[None], mode="lines", name=text(name),
                line={"color": colour, "width": 4},
            )
            for name, colour in names
        ]
    )  # fmt: skip
    made.update_layout(
        height=34 + 20 * (len(names) // 5),
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        showlegend=True,
        dragmode=False,
        legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "top", "itemclick": False,
                "itemdoubleclick": False},
    )  # fmt: skip
    made.update_xaxes(visible=False)
    made.update_yaxes(visible=False)
    return made


def shade_scale(shade: Shade, name: str) -> go.Figure:
    """The scale of a shade."""
    return scale_figure([(stop[0], css(stop)) for stop in shade.stops], shade.ticks, name)


def speed_scale(flow: Flow) -> go.Figure:
    """The scale of the arrows' colours."""
    edges = speeds(flow)
    stops = [
        (at / SPEEDS, _hex(HOT[number + 1]))
        for number in range(SPEEDS)
        for at in (number, number + 1)
    ]
    ticks = [(number / SPEEDS, f"{edges[number]:.0f}") for number in range(0, SPEEDS + 1, 2)]
    return scale_figure(stops, ticks, "Mean speed in px/s")


def over(picture: Picture) -> go.Figure:
    """The source's picture, or plain ground, to draw on in its pixels."""
    ground, side = picture.ground, {"visible": False, "constrain": "domain"}
    images = []
    if picture.jpeg is not None:
        source = "data:image/jpeg;base64," + base64.b64encode(picture.jpeg).decode()
        images.append({
            "source": source, "xref": "x", "yref": "y", "x": 0, "y": 0, "sizex": ground.width,
            "sizey": ground.height, "sizing": "stretch", "layer": "below",
        })  # fmt: skip
    return go.Figure(
        layout={
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
            "showlegend": False,
            "hovermode": "closest",
            "dragmode": False,
            "plot_bgcolor": PLAIN,
            "newselection": {"line": {"color": "white", "width": 2, "dash": "dot"}},
            "xaxis": {"range": [0, ground.width], **side},
            "yaxis": {"range": [ground.height, 0], "scaleanchor": "x", **side},
            "images": images,
        }
    )


def _shaded(cells: Cells, shade: Shade, told: Callable[[float], str]) -> go.Heatmap:
    side, ground = cells.side, cells.ground
    rows, columns = cells.shape
    around = [
        [
            f"{told(float(shade.values[row, column]))}<br>x {column * side:.0f} to"
            f" {(column + 1) * side:.0f}, y {row * side:.0f} to"
            f" {min((row + 1) * side, ground.height):.0f} px"
            if np.isfinite(shade.place[row, column])
            else ""
            for column in range(columns)
        ]
        for row in range(rows)
    ]
    return go.Heatmap(
        z=[[None if np.isnan(each) else round(float(each), 4) for each in row]
           for row in shade.place],
        x0=side / 2, dx=side, y0=side / 2, dy=side,
        zmin=0, zmax=1,
        colorscale=[[stop[0], css(stop)] for stop in shade.stops],
        zsmooth="best" if shade.sigma else False,
        showscale=False,
        text=around,
        hovertemplate="%{text}<extra></extra>",
        hoverongaps=False,
    )  # fmt: skip


def _to_brush(cells: Cells) -> go.Scatter:
    """Points that nobody sees: without any, a browser tells nothing about what was brushed."""
    across, down = cells.centres
    unseen = {"marker": {"opacity": 0}}
    return go.Scatter(
        x=across[[0, -1]], y=down[[0, -1]], mode="markers",
        marker={"opacity": 0}, selected=unseen, unselected=unseen, hoverinfo="skip",
    )  # fmt: skip


def _outline(made: go.Figure, ground: Ground, region: Iterable[int]) -> None:
    """A line around the region's cells."""
    inside = np.zeros((ground.rows + 2, COLUMNS + 2), bool)
    for cell in region:
        inside[cell // COLUMNS + 1, cell % COLUMNS + 1] = True
    side, parts = ground.cell, []
    for row, column in np.argwhere(inside[1:, :-1] != inside[:-1, :-1]):
        parts.append((column - 1, row, column, row))
    for row, column in np.argwhere(inside[:-1, 1:] != inside[:-1, :-1]):
        parts.append((column, row - 1, column, row))
    if not parts:
        return
    path = "".join(
        f"M{x1 * side:.1f},{min(y1 * side, ground.height):.1f}"
        f"L{x2 * side:.1f},{min(y2 * side, ground.height):.1f}"
        for x1, y1, x2, y2 in parts
    )
    for colour, width in (("rgba(10,14,18,0.8)", 4), ("#FFFFFF", 2)):
        made.add_shape(type="path", path=path, line={"color": colour, "width": width})


def _walked(made: go.Figure, way: Way) -> None:
    """One track's path, with where it began and ended."""
    for colour, width in (("rgba(10,14,18,0.85)", 6), ("#FFFFFF", 3)):
        made.add_trace(_lines([way], colour, width, None))
    made.add_trace(
        go.Scatter(
            x=way.x[[0, -1]], y=way.y[[0, -1]], mode="markers", hoverinfo="skip",
            marker={"size": [9, 12], "symbol": ["circle", "square"], "color": "#FFFFFF",
                    "line": {"width": 2, "color": "#17222D"}},
        )
    )  # fmt: skip


def _lines(
    ways: Sequence[Way], colour: str, width: int, zone: str | None, name: str = ""
) -> go.Scatter:
    """Many paths as one line with gaps; with a zone, they say whose they are and when."""
    x = np.concatenate([np.append(way.x, np.nan) for way in ways] or [np.zeros(0)])
    y = np.concatenate([np.append(way.y, np.nan) for way in ways] or [np.zeros(0)])
    about = {}
    if zone is not None:
        about["text"] = [
            told for way in ways for told in (*(_told(way, int(t), zone) for t in way.t), "")
        ]
    return go.Scatter(
        x=_listed(x), y=_listed(y), mode="lines", name=text(name),
        line={"color": colour, "width": width},
        hovertemplate="%{text}<extra></extra>" if about else None,
        hoverinfo=None if about else "skip", **about,
    )  # fmt: skip


def _told(way: Way, t: int, zone: str) -> str:
    return f"{text(way.label)} {way.number} · {words.moment(t, zone, seconds=True)}"


def _about_flow(flow: Flow) -> list[str]:
    told, cells = flow.told, flow.cells
    octant = np.round(np.arctan2(flow.dy[told], flow.dx[told]) / (np.pi / 4)).astype(int)
    rows, columns = np.nonzero(told)
    return [
        f"<b>{speed:.0f} px/s</b>, on the whole {OCTANTS[each % len(OCTANTS)]}"
        f"<br>{words.share(steady)} one way, {words.lasting(seconds)} of presence"
        f"<br>x {column * cells.side:.0f}, y {row * cells.side:.0f} px"
        for speed, each, steady, seconds, row, column in zip(
            flow.speed[told], octant, flow.steadiness[told], flow.seconds[told], rows, columns,
            strict=True,
        )
    ]  # fmt: skip


def _crossed(cells: Cells) -> tuple[Floats, Floats]:
    across, down = np.meshgrid(*cells.centres)
    return across, down


def _listed(values: npt.NDArray[np.float64]) -> list[float | None]:
    """With one decimal, which a screen cannot show more of; None for a gap."""
    return [None if each != each else round(each, 1) for each in values.tolist()]


def _hex(colour: tuple[int, int, int]) -> str:
    return "#{:02X}{:02X}{:02X}".format(*colour)
