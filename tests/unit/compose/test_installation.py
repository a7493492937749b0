"""`./init`: what it makes, what it keeps, and the sentences with which it refuses (issue 13)."""

import base64
import hashlib
import json
import re
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from deploy.compose import installation
from tests.unit.compose.compose_file import initialised

INPUT = ("chat.shop.example", "--email", "ops@shop.example")


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (folder / "secrets").iterdir()}


def refusal(folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The sentence; nothing may have been written."""
    before = sorted(folder.rglob("*"))
    with pytest.raises(SystemExit) as exit_:
        installation.main(arguments, folder)
    assert sorted(folder.rglob("*")) == before
    assert capsys.readouterr().out == ""
    return str(exit_.value)


def test_an_installation_before_mail_gets_the_empty_file_of_its_password_and_keeps_a_written_one(
    tmp_path: Path,
) -> None:
    initialised(tmp_path, *INPUT)
    password = tmp_path / "secrets/tickets-mail-password"
    assert password.read_text() == ""
    password.unlink()
    initialised(tmp_path)
    assert password.read_text() == ""
    password.unlink()
    password.write_text("a password")
    initialised(tmp_path)
    assert password.read_text() == "a password"


def test_it_makes_settings_and_secrets_that_the_owner_alone_reaches(tmp_path: Path) -> None:
    settings = initialised(tmp_path, *INPUT)
    assert settings == {
        "COMPOSE_PROJECT_NAME": "palique",
        "PALIQUE_HTTP_PORT": "80",
        "PALIQUE_HTTPS_PORT": "443",
        "PALIQUE_IMAGES": "localhost/palique-",
        "PALIQUE_VERSION": "dev",
        "PALIQUE_HOST": "chat.shop.example",
        "PALIQUE_ORIGIN": "https://chat.shop.example",
        "PALIQUE_TLS": "ops@shop.example",
    }
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    # The user in a container is another one, and reads them through a mount.
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "secrets").iterdir()} == {0o444}
    secret = "".join(contents(tmp_path).values())
    assert not [value for value in settings.values() if len(value) > 30 and value in secret]


def test_a_repeat_keeps_every_secret_and_what_the_operator_changed(tmp_path: Path) -> None:
    initialised(tmp_path, *INPUT)
    before = contents(tmp_path)
    token = tmp_path / "secrets/chat-rpc-tokens"
    token.chmod(0o600)
    token.write_text(f"{before['chat-rpc-tokens']},crm:shop:{'t' * 40}")
    with (tmp_path / ".env").open("a") as file:
        file.write("PALIQUE_EDGE_NETWORK=10.9.8\n")
    settings = initialised(tmp_path, "--version", "0.2.0")
    assert contents(tmp_path) == before | {"chat-rpc-tokens": f"{before['chat-rpc-tokens']},crm:shop:{'t' * 40}"}
    assert settings["PALIQUE_EDGE_NETWORK"] == "10.9.8"
    assert (settings["PALIQUE_VERSION"], settings["PALIQUE_HOST"]) == ("0.2.0", "chat.shop.example")
    assert initialised(tmp_path, "--http-port", "8080") == settings | {"PALIQUE_HTTP_PORT": "8080"}


def test_two_installations_share_no_secret(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        initialised(tmp_path / name, *INPUT)
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    # The password of the mail server is empty until the operator writes it.
    assert set(one.values()) & set(two.values()) == {""}


def test_a_lost_secret_is_named_and_not_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    initialised(tmp_path, *INPUT)
    capsys.readouterr()
    (tmp_path / "secrets/mongodb-key").unlink()
    assert "secrets/mongodb-key is missing" in refusal(tmp_path, capsys)


def test_an_interrupted_run_leaves_nothing_that_a_repeat_takes(tmp_path: Path) -> None:
    (tmp_path / "secrets.partial").mkdir()
    (tmp_path / "secrets.partial/half").touch()
    initialised(tmp_path, *INPUT)
    assert not (tmp_path / "secrets.partial").exists()
    assert "half" not in contents(tmp_path)


def test_the_broker_knows_the_users_of_the_urls_by_hashes(tmp_path: Path) -> None:
    """As RabbitMQ checks: base64 of the salt and SHA-256 of salt and password."""
    initialised(tmp_path, *INPUT)
    made = contents(tmp_path)
    definitions = json.loads(made["rabbitmq-definitions"])
    assert definitions["vhosts"] == [{"name": "palique"}]
    users = {user["name"]: user for user in definitions["users"]}
    assert set(users) == {"palique-gateway", "palique-presence", "palique-chat", "palique-tickets"}
    for service in installation.SERVICES:
        url = urlsplit(made[f"{service}-amqp-url"])
        kept = base64.b64decode(users[url.username or ""]["password_hash"])
        assert kept[4:] == hashlib.sha256(kept[:4] + (url.password or "").encode()).digest()
        assert (url.password or "") not in made["rabbitmq-definitions"]
    assert {one["user"]: one["read"] for one in definitions["permissions"]}["palique-chat"] == "^$"


@pytest.mark.parametrize(
    ("origin", "text"),
    [
        ("chat.shop.example", "https://chat.shop.example"),
        ("https://Chat.Shop.example/", "https://chat.shop.example"),
        ("https://chat.shop.example:8443", "https://chat.shop.example:8443"),
        ("chat.shop.example:443", "https://chat.shop.example"),
    ],
)
def test_an_origin_may_be_written_in_several_ways(origin: str, text: str) -> None:
    assert str(installation.parse_origin(origin)) == text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "name the host at which browsers reach Palique"),
        (("chat.shop.example",), "the authority of the certificates wants an address: --email"),
        (("http://chat.shop.example",), "is without TLS, .* write https://chat.shop.example"),
        (("https://shop.example/chat",), "has a path, .* write https://shop.example$"),
        (("https://shop.example:8443/?x=1",), "has a path, .* write https://shop.example:8443$"),
        (("ftp://shop.example",), "is no address of a web site"),
        (("https://me@shop.example",), "is no address of a web site"),
        (("shop.example:99999",), "is no address"),
        (("192.0.2.1",), "192.0.2.1 is an address, and certificates are for names"),
        (("https://[2001:db8::1]",), "2001:db8::1 is an address"),
        (("chat_shop.example",), "chat_shop.example is no host name"),
        (("*.shop.example",), "is no host name"),
        (("chät.example",), "is no host name; .* xn--"),
        (("", "--email", "a@b.example"), "name the host"),
        (("chat.shop.example", "--email", "ops"), "--email ops is no e-mail address"),
        (("localhost", "--email", "ops@shop.example"), "certifies localhost; use --own-authority"),
        (("chat.lan", "--email", "ops@shop.example"), "certifies chat.lan"),
        ((*INPUT, "--http-port", "443"), "--http-port 443 does not fit"),
        ((*INPUT, "--http-port", "eighty"), "--http-port eighty does not fit"),
        (("chat.shop.example:8443", *INPUT[1:], "--http-port", "8080"), "looks at the ports 80 and 443 only"),
        ((*INPUT, "--version", "new one"), "--version new one is no tag"),
        ((*INPUT, "--images", "palique"), "--images palique does not fit"),
    ],
)
def test_wrong_input_gets_a_sentence_that_names_it_and_the_fix(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], sentence: str
) -> None:
    found = refusal(tmp_path, capsys, *arguments)
    assert found.startswith("init: ")
    assert re.search(sentence, found), found


def test_a_port_of_another_program_is_refused_and_its_own_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], taken_port: int
) -> None:
    origin = ("localhost:1", "--own-authority", "--http-port", str(taken_port))
    assert f"port {taken_port} is in use by another program" in refusal(tmp_path, capsys, *origin)
    # In a repeat it is Palique that has the port.
    (tmp_path / ".env").write_text(f"PALIQUE_HTTP_PORT={taken_port}\nPALIQUE_HTTPS_PORT=1\n")
    assert initialised(tmp_path, *origin)["PALIQUE_HTTP_PORT"] == str(taken_port)


def test_a_name_that_does_not_resolve_is_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation, "_resolves", lambda _: False)
    initialised(tmp_path, *INPUT)
    printed = capsys.readouterr()
    assert "warning: chat.shop.example does not resolve here. Make its A or AAAA record first" in printed.err
    assert "Next: docker compose up -d, then https://chat.shop.example" in printed.out
