"""Errors of the stack: one sentence for the user, and the log file with the details."""

from pathlib import Path

# Enough for a Python traceback with its cause, and it fits on one screen.
TAIL_LINES = 25


class StackError(Exception):
    """The stack cannot start or continue. The sentence gives the reason and the remedy; `log` is the file with details."""

    def __init__(self, sentence: str, log: Path | None = None, log_from: int = 0) -> None:
        super().__init__(sentence)
        self.log = log
        self.log_from = log_from


class Stopped(Exception):
    """The stack was asked to stop while it waited."""


def explain(error: StackError) -> str:
    """The sentence, then the end of its log file."""
    if error.log is None:
        return str(error)
    tail = _tail(error.log, error.log_from)
    return "\n".join([str(error), f"The end of {error.log}:", *(f"  | {line}" for line in tail)])


def _tail(log: Path, start: int) -> list[str]:
    """The last lines written after byte `start`; the whole file's when it was rotated meanwhile."""
    try:
        content = log.read_bytes()
    except OSError:
        return ["(there is no such file)"]
    if start <= len(content):
        content = content[start:]
    return content.decode(errors="replace").splitlines()[-TAIL_LINES:] or ["(nothing was written)"]
