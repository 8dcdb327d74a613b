"""The background service: many sources at once, into one database, with a view of them all."""

from .lock import Holder, holder, is_held
from .service import Runner

__all__ = ["Holder", "Runner", "holder", "is_held"]
