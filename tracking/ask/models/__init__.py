"""Language models: their tools, their limits, and the guard around any SQL they write."""
