"""A plan becomes an answer."""
