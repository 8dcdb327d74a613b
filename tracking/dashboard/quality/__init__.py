"""The page Quality: how well it tracks, and how well it counts by people who count again."""
