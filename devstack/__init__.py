"""Development stack: MongoDB, RabbitMQ and the services as real processes on loopback, for `make run` and for tests.

No image contains this package; production runs the same services under Kubernetes.
"""
