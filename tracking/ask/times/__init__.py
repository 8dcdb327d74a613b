"""Times as people say them."""
