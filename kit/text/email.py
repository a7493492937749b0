"""E-mail addresses, also internationalised ones (RFC 6531): one check, one stored form, one form for comparison. Pure."""

import email_validator
from email_validator import ValidatedEmail, validate_email

# RFC 5321: a path of 256 with its brackets. Counted in UTF-8.
MAX_EMAIL = 254
# The mail server decides whether a domain takes mail. Private networks use names such as `.local`.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


def normal_form(text: str) -> str:
    """The address in NFC, with its domain in lower case and in Unicode. ValueError for other texts."""
    return _checked(text).normalized


def comparable(text: str) -> str:
    """The form in which equal addresses are equal texts: lower case, the domain in ASCII (IDNA). ValueError for other texts."""
    return mailable(text.lower())


def mailable(text: str) -> str:
    """The form for mail servers: the domain in ASCII (IDNA). ValueError for other texts."""
    address = _checked(text)
    return f"{address.local_part}@{address.ascii_domain}"


def displayed(address: str) -> str:
    """A stored address as people read it: with its domain in Unicode. Other texts stay as they are."""
    try:
        return normal_form(address)
    except ValueError:
        return address


def _checked(text: str) -> ValidatedEmail:
    return validate_email(text.strip(), check_deliverability=False)
