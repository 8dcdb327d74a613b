"""The page Movement."""
