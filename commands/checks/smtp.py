"""The check of the mail server: it answers, its certificate is known, and it accepts the user."""

from collections.abc import Mapping

from commands.checks.dns import require_names
from commands.checks.failure import CheckFailed
from services.tickets.settings import MailSettings

SETTING = "PALIQUE_MAIL_SERVER"
# Shorter than the deadlines of a mail: the operator waits.
TRY_S = 10.0
FAULTS: Mapping[str, str] = {
    "connection": f"{SETTING}: the mail server does not answer; correct host and port, or open the network to it",
    "tls": "PALIQUE_MAIL_TLS: no TLS with this mail server; correct the mode, or name its authority in PALIQUE_MAIL_AUTHORITY",
    "sign_in": "the mail server refuses PALIQUE_MAIL_USER or PALIQUE_MAIL_PASSWORD; correct them",
    "reply": "the mail server refuses this client",
}


async def check(settings: MailSettings) -> str:
    """Connects and signs in, and sends nothing."""
    from services.tickets.smtp import SmtpServer  # noqa: PLC0415 - images of other services lack the library

    await require_names([settings.host], SETTING)
    result = await SmtpServer(settings, try_s=TRY_S, step_s=TRY_S).greet()
    if result.outcome != "sent":
        raise CheckFailed(f"{FAULTS[result.fault]} ({result.answer})")
    return f"{settings.host} answers, sender {settings.sender}"
