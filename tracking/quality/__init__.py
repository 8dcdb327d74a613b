"""How well it tracks, from the log alone; and how well it counts, by people who count again."""

from .advice import THRESHOLDS, Advice, advise
from .catalogue import QUALITY
from .comparing import Setup, setups, side_by_side
from .measuring import Failures, Number, Quality, tracking_quality

__all__ = [
    "QUALITY",
    "THRESHOLDS",
    "Advice",
    "Failures",
    "Number",
    "Quality",
    "Setup",
    "advise",
    "setups",
    "side_by_side",
    "tracking_quality",
]
