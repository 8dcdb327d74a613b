"""Where and for how long tracks stood, minute by minute, and where they begin and end: what
heatmaps, flow and quality are read from.

Raw positions would take seconds to add up for a month; this is derived from them, kept up to date
in the same transaction, exact for every window of whole minutes, and a tenth of their size.
"""

from .ends import ENDS, ends_in
from .ground import COLUMNS, Ground, ground_of
from .reading import Stay, presence_grid, steps_in, tracks_in
from .steps import LONGEST_STEP, Walker, derive
from .tables import assume_frame, frame_of_run, rebuild, settle, store, store_walkers

__all__ = [
    "COLUMNS",
    "ENDS",
    "LONGEST_STEP",
    "Ground",
    "Stay",
    "Walker",
    "assume_frame",
    "derive",
    "ends_in",
    "frame_of_run",
    "ground_of",
    "presence_grid",
    "rebuild",
    "settle",
    "steps_in",
    "store",
    "store_walkers",
    "tracks_in",
]
