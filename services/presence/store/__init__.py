"""MongoDB of the presence service: the only modules that know the driver."""
