"""Settings of the presence process; `kit.config.loader` reads them from the environment."""

from kit.config.common import AnsweringSettings


class Settings(AnsweringSettings, frozen=True, kw_only=True):
    """The common settings of a service that answers gRPC calls."""
