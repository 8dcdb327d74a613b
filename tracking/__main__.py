"""`python -m tracking`, the same as the `tracking` command."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress


def main() -> None:
    """Run the command line: exit code 0 done, 1 failed with one line on stderr, 2 wrong usage."""
    try:
        _run()
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        with suppress(ValueError):  # in another thread than the main one there are no signals
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is written: leave without a word


def _run() -> None:
    try:
        os.getcwd()
    except FileNotFoundError:
        _fail("the current folder does not exist any more")
    from .cli import app
    from .errors import TrackingError

    try:
        app(prog_name="tracking")
    except TrackingError as error:
        _fail(str(error))
    except BrokenPipeError:  # the reader of our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        _fail(f"{error.filename or 'the output'}: {error.strerror or error}")
    except Exception as error:
        if os.environ.get("TRACKING_TRACEBACK"):
            raise
        _fail(f"unexpected {type(error).__name__}: {error} (TRACKING_TRACEBACK=1 shows where)")


def _fail(message: str) -> None:
    print("tracking:", " ".join(message.split()), file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()
