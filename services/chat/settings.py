"""What the chat service is told from outside; see `kit.settings` for how."""

from kit.service_settings import AnsweringSettings


class Settings(AnsweringSettings, frozen=True, kw_only=True):
    """Nothing beyond what every answering service has."""
