"""MongoDB collections of the tickets service."""
