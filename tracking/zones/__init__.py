"""Zones and lines of a source, and what tracks did there: stays and crossings.

They are derived from positions, so that what is drawn today also counts what was recorded before;
from then on the writer derives them with each batch of rows, in the same transaction.
"""

from .book import add, change, delete, end, put
from .deriving import Derived, derive, derive_in, underived
from .drawings import Drawn, Kind, current, find, versions
from .feet import Feet, feet_of
from .following import NOTHING_FOLLOWED, Followed, follow
from .geometry import Line, Zone, read_json, read_points
from .sharing import exported, shapes_in
from .storing import forget_before, grace_of, store_feet

__all__ = [
    "NOTHING_FOLLOWED",
    "Derived",
    "Drawn",
    "Feet",
    "Followed",
    "Kind",
    "Line",
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
    "put",
    "read_json",
    "read_points",
    "shapes_in",
    "store_feet",
    "underived",
    "versions",
]
