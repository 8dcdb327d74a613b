"""The command line. Each command does one thing, shows progress, and ends with a table.

What a command needs beyond its options is imported when it runs, so that help comes at once.
"""

from .alerts import alerts
from .ask import ask
from .check import check
from .demo import demo
from .derive import derive
from .files import export_, import_
from .ground import ground
from .keeping import compact, keep, purge
from .mcp import mcp
from .program import app
from .quality import audit, quality
from .questions import questions
from .report import report
from .run import run
from .sources import sources
from .study import study
from .track import track
from .visits import visits
from .weights import weights
from .zones import lines, zones

# in the order in which help lists them
app.command()(track)
app.command()(run)
app.command()(demo)
app.command("export")(export_)
app.command("import")(import_)
app.command()(report)
app.command()(ask)
app.command()(mcp)
app.command()(study)
app.command()(keep)
app.command()(purge)
app.command()(compact)
app.command()(derive)
app.command()(visits)
app.command()(quality)
app.command()(weights)
sources.command()(check)
app.add_typer(sources, name="sources")
app.add_typer(zones, name="zones")
app.add_typer(lines, name="lines")
app.add_typer(ground, name="ground")
app.add_typer(alerts, name="alerts")
app.add_typer(questions, name="questions")
app.add_typer(audit, name="audit")

__all__ = ["app"]
