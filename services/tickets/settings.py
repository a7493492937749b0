"""What a tickets process is told from outside; see `kit.config.loader` for how."""

from kit.config.common import AnsweringSettings, ChatAddresses, PresenceAddresses, RpcToken


class Settings(AnsweringSettings, frozen=True, kw_only=True):
    """It reads conversations and visitors of the other two."""

    rpc_token: RpcToken
    chat_addresses: ChatAddresses
    presence_addresses: PresenceAddresses
