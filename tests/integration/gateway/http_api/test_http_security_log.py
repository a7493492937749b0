"""Log lines of security events: sign-ins, sign-outs, refused rights and changes, with the agent and without any secret."""

from collections.abc import Sequence

from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs
from structlog.typing import EventDict

from tests.integration.gateway.http_api.http_side import ANA, ORIGIN, PASSWORD, HttpSide, sign_in


def events(lines: Sequence[EventDict]) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for line in lines:
        assert line["log_level"] == "info"
        assert line["request"]
        found.append((line["event"], line["method"], line["route"], str(line.get("code", ""))))
    return found


async def test_security_events_are_logged_with_the_agent_and_without_secrets(side: HttpSide) -> None:
    ana = await side.store.agent_by_email(ANA)
    assert ana is not None
    with capture_logs([merge_contextvars]) as lines:
        async with side.client(address="2001:db8::7", origin=ORIGIN) as client:
            await sign_in(client, ANA, "a wrong password\nof two lines")
            await sign_in(client, "nobody@shop.test", "a wrong password")
            await sign_in(client, ANA)
            await client.get("/api/v1/me")
            await client.patch("/api/v1/site", json={"version": 0, "name": "Mine"})
            await client.post("/api/v1/me/password", json={"current": "a guess", "new": "a new horse battery"})
            await client.patch("/api/v1/me", json={"language": "es"})
            await client.delete("/api/v1/session")
    assert events(lines) == [
        ("agent request refused", "POST", "/api/v1/session", "wrong_credentials"),
        ("agent request refused", "POST", "/api/v1/session", "wrong_credentials"),
        ("agent request completed", "POST", "/api/v1/session", ""),
        ("agent request refused", "PATCH", "/api/v1/site", "forbidden"),
        ("agent request refused", "POST", "/api/v1/me/password", "wrong_credentials"),
        ("agent request completed", "PATCH", "/api/v1/me", ""),
        ("agent request completed", "DELETE", "/api/v1/session", ""),
    ]
    assert all(
        line["network"] == "2001:db8::/64" for line in lines if line["route"] == "/api/v1/session" and "code" in line
    )
    assert all(line["agent"] == ana.id for line in lines[2:])
    text = str(lines)
    for secret in (PASSWORD, "a wrong password", "a guess", "horse battery", ANA, "nobody@shop.test"):
        assert secret not in text


async def test_refusals_that_need_no_account_write_no_line(side: HttpSide) -> None:
    """A client without an account must not fill the log; the histogram of response times counts these."""
    with capture_logs([merge_contextvars]) as lines:
        async with side.client(origin="https://evil.test", cookie="palique_session=x\r\nforged: y") as client:
            await client.post("/api/v1/session", json={"email": ANA, "password": "x"})
            await client.patch("/api/v1/site", json={"version": 0})
        async with side.client(origin=ORIGIN) as client:
            await client.get("/api/v1/me")
            await client.patch("/api/v1/me", content=b"{", headers={"content-type": "application/json"})
    assert lines == []
