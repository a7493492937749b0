"""What a tickets process is told from outside; see `kit.settings` for how."""

from kit.service_settings import AnsweringSettings, ChatAddresses, PresenceAddresses, RpcToken


class Settings(AnsweringSettings, frozen=True, kw_only=True):
    """It reads conversations and visitors of the other two."""

    rpc_token: RpcToken
    chat_addresses: ChatAddresses
    presence_addresses: PresenceAddresses
