"""A question's words become a plan, and every word is accounted for."""
