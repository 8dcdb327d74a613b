"""A model file at work, in a process of its own: whatever it does to memory, it does here.

Started by local_model.py with the file, its threads and its context. A request and its reply are a
line of JSON each; the process ends when nobody is left to ask it.
"""

from __future__ import annotations

import json
import os
import queue
import secrets
import sys
import threading
from collections.abc import Iterator
from typing import Any


def main() -> None:
    """Load the file, say so, and answer what comes."""
    if hasattr(os, "nice"):
        os.nice(5)  # the video goes first
    path, threads, context = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out:
        os.dup2(2, 1)  # what the library prints is no reply

        def say(reply: dict[str, Any]) -> None:
            print(json.dumps(reply), file=out, flush=True)

        try:
            server = _server(path, threads, context)
        except Exception as error:
            say({"error": str(error) or type(error).__name__})
            return
        say({"ready": True})
        for request in _requests():
            try:
                say(_completed(server, request))
            except Exception as error:
                say({"error": str(error) or type(error).__name__})


def _server(path: str, threads: int, context: int) -> Any:
    import xllamacpp

    asked = xllamacpp.CommonParams()
    asked.model.path = path
    asked.n_ctx = context
    asked.n_parallel = 1
    asked.cpuparams.n_threads = asked.cpuparams_batch.n_threads = threads
    asked.warmup = asked.ui = asked.endpoint_slots = False
    asked.offline = True
    asked.verbosity = -1
    asked.api_keys = [
        secrets.token_hex(16)
    ]  # it listens on loopback, and nobody is to ask it there
    return xllamacpp.Server(asked)


def _requests() -> Iterator[dict[str, Any]]:
    """What comes, as long as somebody is there; also while the model is at work."""
    came: queue.SimpleQueue[str] = queue.SimpleQueue()

    def listen() -> None:
        for line in sys.stdin.buffer:
            came.put(line.decode())
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        yield json.loads(came.get())


def _completed(server: Any, request: dict[str, Any]) -> dict[str, Any]:
    reply = server.handle_chat_completions(
        {
            "messages": request["messages"],
            "max_tokens": request["tokens"],
            "temperature": 0,
            "seed": 1,
            "chat_template_kwargs": {"enable_thinking": False},
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "plan", "schema": request["schema"]},
            },
        }
    )
    if "error" in reply:
        return {"error": str(reply["error"].get("message", "it failed"))}
    choice = reply["choices"][0]
    if choice["finish_reason"] == "length":
        return {"error": "it came to no end"}
    return {"text": choice["message"]["content"]}


if __name__ == "__main__":
    main()
