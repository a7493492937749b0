"""What the gateway decides, without any I/O."""
