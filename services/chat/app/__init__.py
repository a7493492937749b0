"""The use cases of chat. Their interfaces to the database and the bus are in `ports`."""
