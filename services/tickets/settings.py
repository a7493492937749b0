"""Settings of the tickets process; `kit.config.loader` reads them from the environment."""

from email.utils import parseaddr
from typing import Annotated, Literal, NamedTuple

from kit.config.common import AnsweringSettings, ChatAddresses, PresenceAddresses, RpcToken
from kit.config.loader import BadSetting, setting
from kit.runtime.http_server import split_address
from kit.text.email import mailable

MailTls = Literal["starttls", "tls", "none"]


class MailSettings(NamedTuple):
    """The mail server that takes Palique's mails. `name` is shown before the sender's address, perhaps empty."""

    host: str
    port: int
    tls: MailTls
    user: str
    password: str
    name: str
    sender: str
    authority: str


class Settings(AnsweringSettings, frozen=True, kw_only=True):
    """With the addresses of chat and presence, whose conversations and visitors it reads."""

    rpc_token: RpcToken
    chat_addresses: ChatAddresses
    presence_addresses: PresenceAddresses
    mail_server: Annotated[
        str, setting("The mail server that takes mails; not set: Palique sends none", unit="host:port")
    ] = ""
    mail_tls: Annotated[
        MailTls,
        setting(
            "starttls: TLS after the greeting, usual on port 587; tls: from the first byte, usual on port 465; none: for a server of the own host or pod, without a user"
        ),
    ] = "starttls"
    mail_user: Annotated[str, setting("The user at the mail server; not set: no sign-in")] = ""
    mail_password: Annotated[str, setting("The user's password", confidential="password")] = ""
    mail_sender: Annotated[
        str, setting("The sender of all mails, such as Shop chat <chat@example.com>; nothing reads answers to it")
    ] = ""
    mail_authority: Annotated[
        str,
        setting("The authority of the mail server's certificate, in PEM; not set: those of the system", unit="file"),
    ] = ""

    @property
    def mail(self) -> MailSettings | None:
        """None without a mail server. BadSetting for values that do not fit one another."""
        return mail_settings(
            self.mail_server,
            self.mail_sender,
            tls=self.mail_tls,
            user=self.mail_user,
            password=self.mail_password,
            authority=self.mail_authority,
        )

    def check(self) -> None:
        _ = self.mail


def mail_settings(
    server: str, sender: str, *, tls: MailTls, user: str, password: str, authority: str
) -> MailSettings | None:
    """None without a mail server. BadSetting for values that do not fit one another."""
    if not server:
        return None
    try:
        host, port = split_address(server)
    except ValueError as error:
        raise BadSetting(f"PALIQUE_MAIL_SERVER does not fit: {error}") from None
    name, address = parseaddr(sender)
    try:
        address = mailable(address)
    except ValueError:
        raise BadSetting("PALIQUE_MAIL_SENDER is no e-mail address; PALIQUE_MAIL_SERVER needs one") from None
    if bool(user) != bool(password):
        raise BadSetting("PALIQUE_MAIL_USER and PALIQUE_MAIL_PASSWORD are set together or not at all")
    if user and tls == "none":
        raise BadSetting("PALIQUE_MAIL_TLS=none would send the password in plain text; use starttls or tls")
    return MailSettings(host, port, tls, user, password, name, address, authority)
