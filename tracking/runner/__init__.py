"""The background service: many sources at once, into one database, with a view of them all."""
