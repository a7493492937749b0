"""What every service needs and none owns. Nothing here knows a service."""
