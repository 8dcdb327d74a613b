"""Zones and lines of a source, and what tracks did there: stays and crossings.

They are derived from positions, so that what is drawn today also counts what was recorded before;
from then on the writer derives them with each batch of rows, in the same transaction.
"""

from .book import add, change, delete, end, put, restore
from .deriving import Derived, derive, derive_in, positions_left, underived
from .drawings import BEGINNING, KINDS, Drawn, Kind, current, find, versions
from .feet import Feet, feet_of
from .following import NOTHING_FOLLOWED, Followed, follow
from .geometry import Line, Zone, read_json, read_points
from .keeping import keep_derived
from .sharing import exported, shapes_in
from .storing import forget_before, grace_of, store_feet
from .trying import Tried, try_out

__all__ = [
    "BEGINNING",
    "KINDS",
    "NOTHING_FOLLOWED",
    "Derived",
    "Drawn",
    "Feet",
    "Followed",
    "Kind",
    "Line",
    "Tried",
    "Zone",
    "add",
    "change",
    "current",
    "delete",
    "derive",
    "derive_in",
    "end",
    "exported",
    "feet_of",
    "find",
    "follow",
    "forget_before",
    "grace_of",
    "keep_derived",
    "positions_left",
    "put",
    "read_json",
    "read_points",
    "restore",
    "shapes_in",
    "store_feet",
    "try_out",
    "underived",
    "versions",
]
