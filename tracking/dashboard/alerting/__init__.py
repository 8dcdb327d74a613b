"""The page of the alerts: what goes on, what was found, the rules, and who is told."""
