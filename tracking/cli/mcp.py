"""`tracking mcp`: the record for an assistant on the desktop, over standard input and output."""

from __future__ import annotations

from contextlib import closing

from .options import Database


def mcp(db: Database) -> None:
    """Let an assistant (Claude Desktop, an editor) ask the record: read-only, on this machine.

    It is the assistant that starts this: give it `tracking mcp --db FILE` as a server's command.
    """
    from ..database import describing, open_readonly

    with closing(open_readonly(db)), describing(db):
        from ..ask.models.mcp_server import serve

    serve(db)
