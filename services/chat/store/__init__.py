"""MongoDB of the chat service: the only modules that know the driver."""
