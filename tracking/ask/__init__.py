"""Questions in everyday words, answered by the same numbers as the pages, with their working."""
