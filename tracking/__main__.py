"""`python -m tracking`, the same as the `tracking` command."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line: exit code 0 done, 1 failed with one line on stderr, 2 wrong usage."""
    from .cli import app
    from .errors import TrackingError

    try:
        app(prog_name="tracking")
    except TrackingError as error:
        _fail(str(error))
    except BrokenPipeError:  # the reader of our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if os.environ.get("TRACKING_TRACEBACK"):
            raise
        _fail(f"unexpected {type(error).__name__}: {error} (TRACKING_TRACEBACK=1 shows where)")


def _fail(message: str) -> None:
    print("tracking:", " ".join(message.split()), file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()
