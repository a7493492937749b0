"""Settings: from the environment into typed structs, with their names and the rules for secrets."""
