"""Which sources are watched, and how: the file `sources.toml`, read and changed only here."""

from .editing import add, change, remove
from .reading import Configuration, load, written
from .settings import SourceSettings
from .watching import Watch

__all__ = ["Configuration", "SourceSettings", "Watch", "add", "change", "load", "remove", "written"]
