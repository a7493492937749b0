"""MongoDB of the tickets service: the only modules that know the driver."""
