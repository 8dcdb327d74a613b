"""Passing alerts on: messages, their queue, webhooks and MQTT."""

from .messages import message, test_message
from .queue import PAUSES, TRIES, announce, deliver, drop, send
from .webhook import SIGNATURE, signature

__all__ = [
    "PAUSES",
    "SIGNATURE",
    "TRIES",
    "announce",
    "deliver",
    "drop",
    "message",
    "send",
    "signature",
    "test_message",
]
