"""Use cases of presence. `services.presence.ports` states what they need from the database and the bus."""
