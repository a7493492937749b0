"""Settings of the tickets process; `kit.config.loader` reads them from the environment."""

from kit.config.common import AnsweringSettings, ChatAddresses, PresenceAddresses, RpcToken


class Settings(AnsweringSettings, frozen=True, kw_only=True):
    """With the addresses of chat and presence, whose conversations and visitors it reads."""

    rpc_token: RpcToken
    chat_addresses: ChatAddresses
    presence_addresses: PresenceAddresses
