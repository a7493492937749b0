"""Settings of the chat service; `kit.config.loader` reads them from the environment."""

from typing import Annotated

import msgspec

from kit.config.common import AnsweringSettings
from kit.config.loader import setting


class Settings(AnsweringSettings, frozen=True, kw_only=True):
    """The settings that all answering services have, and the limit of new chats."""

    visitor_chats: Annotated[
        int,
        msgspec.Meta(gt=0),
        setting(
            "Chats that one visitor may start within ten minutes, over all gateways; further ones are refused with the time to wait",
            unit="chats",
        ),
    ] = 10
