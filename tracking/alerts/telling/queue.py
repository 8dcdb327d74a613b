"""What is still to be told to whom: kept in the database, so that a restart loses nothing.

A message that cannot be delivered is tried again with growing pauses, and given up after TRIES. It
may come twice, if the program is killed just after it was sent; its number then says so.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ...config import ChannelSettings
from ...database import writing
from ...errors import ChannelFailed, RuleError, SettingsError
from ..history import alert
from ..rules import Rule
from .messages import message
from .mqtt import publish
from .webhook import post

TRIES = 12
PAUSES = tuple(min(600.0, 2.0 * 2**number) for number in range(TRIES - 1))
"""Seconds after each failed try: 36 minutes in all."""
LIMIT = 10.0  # seconds

Send = Callable[[ChannelSettings, str, int], str]


def send(channel: ChannelSettings, text: str, number: int = 0, limit: float = LIMIT) -> str:
    """Pass a message on to a channel as it is set up; what came of it, in words.

    Raises ChannelFailed, whose text shows nothing secret.
    """
    try:
        filled = channel.filled()
    except SettingsError as error:
        raise ChannelFailed(str(error)) from None
    if filled.kind == "webhook":
        return post(filled, text, number, limit)
    return publish(filled, text, limit)


def announce(connection: sqlite3.Connection, channels: Iterable[ChannelSettings], now: int) -> int:
    """Put what nobody was told of yet into the queues of the channels; how many messages.

    That an alert has ended is told to those who were told that it began.
    """
    rows = connection.execute(
        "SELECT alerts.id, told, ended_at IS NOT NULL, definition FROM alerts"
        " JOIN alert_rules ON alert_rules.id = version"
        " WHERE told < 2 AND (told = 0 OR ended_at IS NOT NULL)"
    ).fetchall()
    if not rows:
        return 0
    there = [channel for channel in channels if channel.enabled]
    count = 0
    with writing(connection):
        for id, told, ended, definition in rows:
            about = alert(connection, id)
            if about is None:
                continue
            if told == 0:
                for name in _wanted(definition, there):
                    _queue(connection, id, name, "started", message(about, "started"), now)
                    count += 1
            if ended:
                for (name,) in connection.execute(
                    "SELECT DISTINCT channel FROM alert_deliveries"
                    " WHERE alert = ? AND event = 'started'",
                    (id,),
                ).fetchall():
                    _queue(connection, id, name, "ended", message(about, "ended"), now)
                    count += 1
            connection.execute("UPDATE alerts SET told = ? WHERE id = ?", (2 if ended else 1, id))
    return count


def _wanted(definition: str, there: list[ChannelSettings]) -> list[str]:
    try:
        only = Rule.of_json(definition).channels
    except RuleError:
        only = None
    return [each.name for each in there if only is None or each.name in only]


def _queue(
    connection: sqlite3.Connection, id: int, channel: str, event: str, text: str, now: int
) -> None:
    connection.execute(
        "INSERT INTO alert_deliveries (alert, channel, event, message, next_at)"
        " VALUES (?, ?, ?, ?, ?)",
        (id, channel, event, text, now),
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that is to be passed on."""

    id: int
    channel: str
    text: str
    tries: int


def next_waiting(connection: sqlite3.Connection, channel: str, now: int) -> Waiting | None:
    """The first message of a channel that is due; that an alert ended never before it began."""
    row = connection.execute(
        "SELECT id, channel, message, tries FROM alert_deliveries AS one"
        " WHERE state = 'waiting' AND channel = :channel"
        # one that is farther away than any pause is so because the clock was set back
        " AND (next_at <= :now OR next_at > :now + :longest) AND NOT EXISTS"
        " (SELECT 1 FROM alert_deliveries AS other WHERE other.alert = one.alert"
        " AND other.channel = one.channel AND other.id < one.id AND other.state = 'waiting')"
        " ORDER BY id LIMIT 1",
        {"channel": channel, "now": now, "longest": round(1000 * max(PAUSES)) + 1000},
    ).fetchone()
    return None if row is None else Waiting(*row)


def deliver(
    connection: sqlite3.Connection,
    channel: ChannelSettings,
    now: int,
    sending: Send = send,
) -> bool | None:
    """Try the next message of a channel that is due; whether it arrived, None if there is none."""
    waiting = next_waiting(connection, channel.name, now)
    if waiting is None:
        return None
    try:
        result, arrived = sending(channel, waiting.text, waiting.id), True
    except ChannelFailed as error:
        result, arrived = str(error), False
    tries = waiting.tries + 1
    state = "sent" if arrived else "waiting" if tries < TRIES else "failed"
    pause = 0 if state != "waiting" else round(1000 * PAUSES[tries - 1])
    with writing(connection):
        connection.execute(
            "UPDATE alert_deliveries SET state = ?, tries = ?, next_at = ?, told_at = ?,"
            " result = ? WHERE id = ?",
            (state, tries, now + pause, now, result, waiting.id),
        )
    return arrived


def drop(connection: sqlite3.Connection, channels: Iterable[ChannelSettings]) -> None:
    """Give up what waits for channels that are no longer there, or switched off."""
    names = {channel.name for channel in channels if channel.enabled}
    waiting = {
        name
        for (name,) in connection.execute(
            "SELECT DISTINCT channel FROM alert_deliveries WHERE state = 'waiting'"
        )
    }
    if gone := waiting - names:
        with writing(connection):
            connection.executemany(
                "UPDATE alert_deliveries SET state = 'failed', result = 'the channel is gone'"
                " WHERE state = 'waiting' AND channel = ?",
                [(name,) for name in gone],
            )
