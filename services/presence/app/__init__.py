"""Use cases of presence. What they need from the database and the bus stands in `ports`."""
