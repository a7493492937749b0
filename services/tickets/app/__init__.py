"""Use cases of tickets. What they need from the database and the bus stands in `ports`."""
