"""The audit refuses known vulnerabilities, unknown ones, and late renewals; and reads what npm and pip-audit write."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from devstack.folders import ROOT
from tools import audit
from tools.audit import Advisories, Finding, exceptions, faults, npm_advisories, pip_advisories
from tools.renewals import Renewal, Unavailable, answer, oldest, published_by, renewals, unbounded

TODAY = date(2026, 11, 30)
PREACT = {
    "id": 7,
    "url": "https://github.com/advisories/GHSA-1111-2222-3333",
    "title": "Markup in a text",
    "severity": "high",
    "vulnerable_versions": ">=1.0.0",
}
NONE_KNOWN = Advisories([], [])
NOT_ANSWERED = Advisories([], ["npm audit got no advisories: 405"])


@contextmanager
def registry(advisories: dict[str, list[dict[str, object]]] | None) -> Iterator[str]:
    """The address of an npm registry with these advisories; with None it refuses to give any."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            body = json.dumps(advisories or {}).encode()
            self.send_response(200 if advisories is not None else 405)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def npm_answer(monkeypatch: pytest.MonkeyPatch, address: str) -> str:
    monkeypatch.setenv("npm_config_registry", address)
    return answer("npm", "audit", "--package-lock-only", "--json", folder=ROOT / "web").stdout


def test_an_advisory_of_the_registry_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with registry({"preact": [PREACT]}) as address:
        found = npm_advisories(npm_answer(monkeypatch, address))
    assert found == [Finding("preact", ("GHSA-1111-2222-3333",), "high: Markup in a text")]


def test_a_registry_that_gives_no_advisories_is_no_clean_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    with registry(None) as address, pytest.raises(Unavailable, match="405"):
        npm_advisories(npm_answer(monkeypatch, address))
    with registry({}) as address:
        assert npm_advisories(npm_answer(monkeypatch, address)) == []


@pytest.mark.parametrize("text", ["", "npm error network", "[]", '{"error": {}}'])
def test_an_answer_that_is_no_report_is_no_clean_audit(text: str) -> None:
    with pytest.raises(Unavailable):
        npm_advisories(text)
    with pytest.raises(Unavailable):
        pip_advisories(text)


def test_pip_audit_names_the_vulnerabilities_and_is_refused_when_it_skipped_a_package() -> None:
    clean = {"name": "idna", "version": "3.20", "vulns": []}
    vulnerability = {"id": "PYSEC-2026-1", "fix_versions": ["4.1"], "aliases": ["CVE-2026-1"], "description": ""}
    found = pip_advisories(json.dumps({"dependencies": [clean, {**clean, "name": "a", "vulns": [vulnerability]}]}))
    assert found == [Finding("a", ("PYSEC-2026-1", "CVE-2026-1"), "mended in 4.1")]
    skipped = {"name": "b", "skip_reason": "not found"}
    with pytest.raises(Unavailable, match="1 of 2 packages"):
        pip_advisories(json.dumps({"dependencies": [clean, skipped]}))


def test_a_known_vulnerability_is_a_fault_until_it_is_accepted() -> None:
    known = Advisories([Finding("a", ("PYSEC-2026-1", "CVE-2026-1"), "mended in 4.1")], [])
    assert faults(known, [], set(), without_advisories=False) == ["a has PYSEC-2026-1, mended in 4.1; renew it"]
    assert faults(known, [], {"CVE-2026-1"}, without_advisories=False) == []
    assert faults(known, [], set(), without_advisories=True) != [], "going on without advisories hides no known one"


def test_missing_advisories_are_a_fault_unless_one_goes_on_without() -> None:
    refused = faults(NOT_ANSWERED, [], set(), without_advisories=False)
    assert refused[0] == NOT_ANSWERED.missing[0]
    assert "WITHOUT_ADVISORIES=1" in refused[1]
    assert faults(NOT_ANSWERED, [], set(), without_advisories=True) == []


def test_a_late_renewal_is_a_fault_until_it_is_accepted() -> None:
    late = [(90, Renewal("a", "1.0", "1.2"))]
    assert faults(NONE_KNOWN, late, set(), without_advisories=False) == [
        "a 1.0 could be 1.2 since more than 90 days; renew it"
    ]
    assert faults(NONE_KNOWN, late, {"a"}, without_advisories=False) == []


def test_an_exception_ends_with_its_day() -> None:
    page = "| `a` | 2026-11-30 | waits for b |\n| `PYSEC-2026-1` | 2026-11-29 | no such input here |\n"
    assert exceptions(page, TODAY) == {"a"}


def test_the_page_names_the_time_frames_that_the_audit_uses() -> None:
    page = (ROOT / "docs/dependencies.md").read_text()
    assert f"| a critical or high vulnerability | {audit.CRITICAL_DAYS} days |" in page
    assert f"| a renewal without a known vulnerability | {audit.RENEWAL_DAYS} days |" in page


def test_later_versions_count_and_earlier_ones_do_not() -> None:
    available = {"a": "1.10", "b": "2.0.post1", "c": "0.9", "new": "1.0"}
    assert renewals({"a": "1.9", "b": "2.0", "c": "1.0", "gone": "1"}, available) == [
        Renewal("a", "1.9", "1.10"),
        Renewal("b", "2.0", "2.0.post1"),
    ]


def test_lower_bounds_go_and_what_holds_back_stays() -> None:
    wanted = ["a>=1,<5", "b==1.2 ; sys_platform == 'linux'", "c[x]>=3"]
    assert list(unbounded(wanted)) == ["a<5", 'b==1.2; sys_platform == "linux"', "c[x]"]


def test_only_releases_that_were_published_by_the_day_count() -> None:
    renewal = Renewal("a", "1.0.0", "1.3.0")
    times = {
        "created": "2025-01-01T00:00:00+00:00",
        "1.0.0": "2026-01-01T00:00:00+00:00",
        "1.1.0": "2026-03-01T00:00:00+00:00",
        "1.2.0-beta.1": "2026-04-01T00:00:00+00:00",
        "1.3.0": "2026-06-01T00:00:00.000Z",
        "2.0.0": "2026-01-02T00:00:00+00:00",
    }
    assert published_by(date(2026, 2, 1), renewal, times) is None
    assert published_by(date(2026, 5, 1), renewal, times) == Renewal("a", "1.0.0", "1.1.0")
    assert published_by(date(2026, 6, 1), renewal, times) == renewal


def test_of_several_versions_in_an_npm_lock_the_oldest_counts() -> None:
    packages: dict[str, dict[str, object]] = {
        "": {"version": "0.1.0"},
        "client": {"version": "0.1.0"},
        "node_modules/@palique/client": {"link": True},
        "node_modules/a": {"version": "1.10.0"},
        "node_modules/b/node_modules/a": {"version": "1.9.0"},
        "node_modules/@scope/c": {"version": "3.0.0"},
    }
    assert oldest({"packages": packages}) == {"a": "1.9.0", "@scope/c": "3.0.0"}
