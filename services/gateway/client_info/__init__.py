"""What a client address and a User-Agent header say about a client."""
