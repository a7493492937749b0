"""Log lines: one JSON object a line on standard output, with the values bound to the current context.

Never the text of a message, never a credential: callers pass ids. Libraries that log through `logging` get the same form.
"""

import logging
import sys

import structlog
from opentelemetry.trace import format_trace_id, get_current_span

Log = structlog.stdlib.BoundLogger


def configure(service: str, level: str = "INFO") -> Log:
    """Sets up the logging of the process and returns its logger. Call it once, in `main`."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        _name_trace,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    # Else warnings go to standard error as plain text.
    logging.captureWarnings(capture=True)
    # It logs each frame header at DEBUG and each reconnect at length; `kit.bus` reports a reconnect once.
    logging.getLogger("aiormq").setLevel(logging.ERROR)
    logging.getLogger("aio_pika").setLevel(logging.ERROR)
    logger: Log = structlog.stdlib.get_logger("palique").bind(service=service)
    return logger


def _name_trace(_: object, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Adds the id of the current trace to a line, where traces are on."""
    span = get_current_span().get_span_context()
    if span.is_valid:
        line["trace"] = format_trace_id(span.trace_id)
    return line
