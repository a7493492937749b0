"""What the chat service is told from outside; see `kit.config.loader` for how."""

from kit.config.common import AnsweringSettings


class Settings(AnsweringSettings, frozen=True, kw_only=True):
    """Nothing beyond what every answering service has."""
