"""Messages to an MQTT broker, each taken by it at least once."""

from __future__ import annotations

import threading
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from ...config import ChannelSettings
from ...errors import ChannelFailed
from .webhook import reason


def publish(channel: ChannelSettings, text: str, limit: float) -> str:
    """Publish a message to a filled channel's topic; what came of it, in words.

    limit: seconds for the connection, and again for the broker to take the message. Raises
    ChannelFailed, whose text shows no password.
    """
    assert channel.host is not None
    client = Client(CallbackAPIVersion.VERSION2)
    client.connect_timeout = limit
    if channel.user is not None:
        client.username_pw_set(channel.user, channel.password)
    answered = threading.Event()
    refused: list[str] = []

    def connected(_client: Any, _data: Any, _flags: Any, code: Any, _properties: Any) -> None:
        if code.is_failure:
            refused.append(str(code).lower())
        answered.set()

    client.on_connect = connected
    try:
        if channel.tls:
            client.tls_set()
        client.connect(channel.host, channel.broker_port, keepalive=60)
        client.loop_start()
        if not answered.wait(limit):
            raise ChannelFailed("the broker gave no answer in time")
        if refused:
            raise ChannelFailed(f"the broker refused the connection: {refused[0]}")
        sent = client.publish(channel.topic, text.encode(), qos=1)
        if sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise ChannelFailed("the connection broke off")
        sent.wait_for_publish(limit)
        if not sent.is_published():
            raise ChannelFailed("the broker did not take the message in time")
        return "the broker took it"
    except (OSError, ValueError, RuntimeError) as error:
        raise ChannelFailed(reason(error)) from None
    finally:
        client.disconnect()
        client.loop_stop()
