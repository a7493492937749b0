"""Sites, agents and their credentials: store, sessions, passwords, photos, origins."""
