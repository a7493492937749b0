"""The development stack: MongoDB, RabbitMQ and the services as real processes on loopback, for `make run` and for tests.

Nothing here is part of an image; production runs the same services under Kubernetes.
"""
