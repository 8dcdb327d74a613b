"""Tracks out to files and back in: MOTChallenge lines, CSV and Parquet."""

from .transfer import FORMS, Summary, export_tracks, import_tracks

__all__ = ["FORMS", "Summary", "export_tracks", "import_tracks"]
