"""What a model, or an assistant on the desktop, may do: count, look, and draw; never change.

The tools know nothing of who uses them. Arguments are checked, results are short JSON, and names
of the record stand in it as data. A toolbox remembers what was found, so that an answer can show
it, whatever is said about it.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from ...database import describing, open_readonly
from ...errors import ModelFailed, QueryRefused, TrackingError
from ...metrics import METRICS
from ...times import iso
from ..answer import Answer, Column
from ..answering.answering import answer_plan
from ..world import world_of
from .asked import NoArguments, PlanArguments, SqlArguments, plan_of_arguments
from .guard import LIMITS, Limits, Table, run_sql
from .guarded import only_for
from .tool_results import is_number, of_answer, of_rows, told
from .views import described

NAMES = 100  # of a kind that are told
COMPUTING = 30.0  # seconds that a plan may take


class ChartArguments(BaseModel):
    """A chart of the last result. x, y, colour: names of its columns; y holds numbers."""

    kind: Literal["line", "bar", "heat"]
    x: str
    y: str
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What a tool gives back. ok: not an error."""

    text: str
    ok: bool = True


@dataclass(frozen=True, slots=True)
class Tool:
    """about: what it does, for whoever chooses it. arguments: what it takes."""

    name: str
    about: str
    arguments: type[BaseModel]
    run: Callable[[Any], str] = field(repr=False)

    @property
    def schema(self) -> dict[str, Any]:
        """Of the arguments, as JSON Schema."""
        return self.arguments.model_json_schema()


Found = Answer | Table
"""What a tool found: an answer of a plan, or the rows of a query."""


class Toolbox:
    """Tools over one record, for one question.

    path: the database. now: ms since 1970 UTC. deadline: of the whole question, by
    time.monotonic(); none, if not given. found: what came of plans and queries, in order. chart:
    what was drawn of the last of them.
    """

    def __init__(
        self,
        path: str | Path,
        now: int,
        question: str = "",
        limits: Limits = LIMITS,
        deadline: float | None = None,
    ) -> None:
        self.found: list[Found] = []
        self.chart: ChartArguments | None = None
        self._path, self._now, self._question = path, now, question
        self._limits, self._deadline = limits, deadline
        self._one_at_a_time = threading.Lock()
        self.tools = {tool.name: tool for tool in self._made()}

    def call(self, name: str, arguments: Mapping[str, Any] | str | None) -> Said:
        """Use a tool; whatever is wrong comes back in words. arguments: values, or their JSON.

        Raises ModelFailed where there is no time left.
        """
        tool = self.tools.get(name)
        if tool is None:
            return Said(f"There is no tool {name!r}; there are {', '.join(self.tools)}", False)
        try:
            given = json.loads(arguments or "{}") if isinstance(arguments, str) else arguments
            checked = tool.arguments.model_validate(given or {})
        except ValidationError as error:
            return Said(_what_is_wrong(error), False)
        except ValueError as error:
            return Said(f"The arguments are not JSON: {error}", False)
        with self._one_at_a_time:
            try:
                return Said(tool.run(checked))
            except ModelFailed:
                raise
            except TrackingError as error:
                return Said(str(error), False)

    def _made(self) -> tuple[Tool, ...]:
        return (
            Tool(
                "list_metrics",
                "The numbers that can be counted, each with its definition, and what a plan may"
                " group by. Look here before run_plan.",
                NoArguments,
                lambda _: list_metrics(),
            ),
            Tool(
                "describe_record",
                "Which sources, labels, zones and lines there are, and from when to when was"
                " recorded. Look here for the exact names.",
                NoArguments,
                lambda _: self._describe_record(),
            ),
            Tool(
                "run_plan",
                "Count over all rows by a documented metric: the way to answer nearly every"
                " question. Gives the number, its rows, the window and how much of it was watched.",
                PlanArguments,
                self._run_plan,
            ),
            Tool(
                "describe_views",
                "The views that run_sql may read, with every column. Look here before run_sql.",
                NoArguments,
                lambda _: described(),
            ),
            Tool(
                "run_sql",
                "One SELECT of SQLite over the views, where no metric fits. Read-only, for a few"
                " seconds and a few hundred rows at most.",
                SqlArguments,
                self._run_sql,
            ),
            Tool(
                "draw_chart",
                "Draw the rows of the last result as a chart: line, bar or heat.",
                ChartArguments,
                self._draw_chart,
            ),
        )

    def _describe_record(self) -> str:
        with closing(open_readonly(self._path)) as connection, describing(self._path):
            world = world_of(connection, self._now)
        zone = world.timezone()
        sources = [{"name": each.name, "timezone": each.timezone} for each in world.sources]
        names = {
            "sources": sources,
            "labels": world.labels,
            "zones": [{"name": each.name, "source": each.source} for each in world.zones],
            "lines": [
                {"name": each.name, "source": each.source, "directions": each.directions}
                for each in world.lines
            ],
        }
        ends = None if world.recorded is None else [iso(t, zone) for t in world.recorded]
        return told(
            {
                "now": iso(self._now, zone),
                "timezone": zone,
                "recorded": ends,
                **{what: list(each)[:NAMES] for what, each in names.items()},
                "left_out": {w: len(each) - NAMES for w, each in names.items() if each[NAMES:]},
            }
        )

    def _run_plan(self, arguments: PlanArguments) -> str:
        with closing(open_readonly(self._path)) as connection, describing(self._path):
            seconds = self._left(COMPUTING)
            over = only_for(connection, seconds)
            plan = plan_of_arguments(arguments, world_of(connection, self._now))
            answer = answer_plan(connection, plan, self._now, self._question)
        if over():
            raise QueryRefused(f"Counting that takes longer than {seconds:.0f} seconds")
        if answer.status == "failed":
            raise QueryRefused(answer.answer)
        self._keep(answer)
        return told(of_answer(answer))

    def _run_sql(self, arguments: SqlArguments) -> str:
        limits = replace(self._limits, seconds=self._left(self._limits.seconds))
        table = run_sql(self._path, arguments.sql, limits)
        if not table.views:  # a figure of one's own is not looked up by selecting it
            raise QueryRefused(
                "The query reads none of the views, so it says nothing of the record"
            )
        self._keep(table)
        return told({"columns": table.columns, **of_rows(table.rows, table.truncated)})

    def _draw_chart(self, arguments: ChartArguments) -> str:
        if not self.found:
            raise QueryRefused("There is no result yet; run a plan or a query first")
        rows = self.found[-1].rows
        names = [each.name if isinstance(each, Column) else each for each in self.found[-1].columns]
        for axis in filter(None, (arguments.x, arguments.y, arguments.colour)):
            if axis not in names:
                raise QueryRefused(f"The last result has no column {axis!r}; it has {names}")
        values = [row[names.index(arguments.y)] for row in rows]
        if not any(is_number(value) for value in values):
            raise QueryRefused(f"The column {arguments.y!r} holds no numbers, so nothing is drawn")
        if arguments.kind == "heat" and not arguments.colour:
            raise QueryRefused("A heat chart needs the column that gives the colour, too")
        self.chart = arguments
        return "Drawn."

    def _keep(self, found: Found) -> None:
        self.found.append(found)
        self.chart = None

    def _left(self, most: float) -> float:
        """Seconds that there are for something that may take so many."""
        left = most if self._deadline is None else min(most, self._deadline - time.monotonic())
        if left <= 0:
            raise ModelFailed("it took too long")
        return left


def list_metrics() -> str:
    """The metrics, for whoever makes a plan."""
    return json.dumps(
        {
            name: f"{metric.definition} In seconds."
            if metric.unit == "seconds"
            else metric.definition
            for name, metric in METRICS.items()
        },
        ensure_ascii=False,
    )


def _what_is_wrong(error: ValidationError) -> str:
    """For whoever has to give better arguments."""
    return "; ".join(
        f"{'.'.join(map(str, each['loc'])) or 'the arguments'}: {each['msg']}"
        for each in error.errors(include_url=False, include_context=False, include_input=False)[:5]
    )
