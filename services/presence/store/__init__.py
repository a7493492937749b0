"""MongoDB collections of the presence service."""
