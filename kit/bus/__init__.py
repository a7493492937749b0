"""RabbitMQ: the connection, publishers, subscribers, the durable work queue, and the outbox."""
