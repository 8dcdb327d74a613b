"""What a filter selects, as files for other programs: CSV or Parquet."""

from .chosen import Chosen, Extent, extent
from .writing import TABLES, Table, write

__all__ = ["TABLES", "Chosen", "Extent", "Table", "extent", "write"]
