"""Settings of the chat service; `kit.config.loader` reads them from the environment."""

from kit.config.common import AnsweringSettings


class Settings(AnsweringSettings, frozen=True, kw_only=True):
    """Only the settings that all answering services have."""
