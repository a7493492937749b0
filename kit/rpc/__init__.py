"""gRPC: clients over replicas, the server with its checks, errors and certificates."""
