"""From the bus to the sockets of a site: the hub, catch-up after missed hints, the status of a site."""
