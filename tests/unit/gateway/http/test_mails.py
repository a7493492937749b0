"""Results of mails, as the dashboard gets them."""

import pytest
from palique.tickets.v1.mail_pb2 import MailResult as MailResultPb

from services.gateway.http.mails import MailResult, result_of


def test_a_result_keeps_step_and_answer_of_the_last_try() -> None:
    found = result_of(MailResultPb(state="queued", fault="reply", answer="450 4.2.0 Greylisted"))
    assert found == MailResult("queued", "reply", "450 4.2.0 Greylisted")


@pytest.mark.parametrize("unknown", [{"state": "bounced"}, {"state": "queued", "fault": "dns"}, {"state": ""}])
def test_a_newer_result_fails_no_request(unknown: dict[str, str]) -> None:
    """While `tickets` is a version ahead of the gateway."""
    assert result_of(MailResultPb(**unknown)).state == "unavailable"
