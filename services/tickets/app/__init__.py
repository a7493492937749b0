"""Use cases of tickets. `services.tickets.ports` states what they need from the database and other services."""
