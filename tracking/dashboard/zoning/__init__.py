"""The page Zones: places drawn on the sources' own pictures, and what happens there."""
