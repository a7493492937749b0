"""What every process has: event loop, signals, HTTP server, logs, traces, metrics of the process."""
