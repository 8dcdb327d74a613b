"""Which sources are watched, and how: the file `sources.toml`, read and changed only here."""

from .channels import (
    Channels,
    ChannelSettings,
    add_channel,
    load_channels,
    remove_channel,
    switch_channel,
)
from .editing import add, change, remove
from .reading import Configuration, load, written
from .settings import SourceSettings
from .watching import Watch

__all__ = [
    "ChannelSettings",
    "Channels",
    "Configuration",
    "SourceSettings",
    "Watch",
    "add",
    "add_channel",
    "change",
    "load",
    "load_channels",
    "remove",
    "remove_channel",
    "switch_channel",
    "written",
]
