"""The floor that a source looks at: from pixels to metres, speeds, and plans that sources share.

It is optional. Four or more points of the picture that are known on the floor give it; it is kept
in versions, and what tracks walked is derived from their positions with the version of their time.
"""

from .book import (
    BEGINNING,
    Grounded,
    current,
    delete,
    find,
    restore,
    set_ground,
    versions,
)
from .calibration import Calibration, Fit, Placing
from .deriving import Paced, derive, derive_in, keep_paced, lacking
from .grid import gridded, metre_lines
from .plane import COARSEST, Plane, fit
from .plans import (
    FloorPlan,
    delete_plan,
    drawn_plan,
    find_plan,
    has_grounds,
    plans,
    put_plan,
)
from .sharing import exported, read_in, read_json
from .walking import Floors, Walks, walks

__all__ = [
    "BEGINNING",
    "COARSEST",
    "Calibration",
    "Fit",
    "FloorPlan",
    "Floors",
    "Grounded",
    "Paced",
    "Placing",
    "Plane",
    "Walks",
    "current",
    "delete",
    "delete_plan",
    "derive",
    "derive_in",
    "drawn_plan",
    "exported",
    "find",
    "find_plan",
    "fit",
    "gridded",
    "has_grounds",
    "keep_paced",
    "lacking",
    "metre_lines",
    "plans",
    "put_plan",
    "read_in",
    "read_json",
    "restore",
    "set_ground",
    "versions",
    "walks",
]
