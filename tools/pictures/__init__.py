"""What `make screenshots` takes pictures of."""
