"""Dangerous functions that no source of the product uses (docs/security.md)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = [path for part in ("services", "kit", "commands") for path in sorted((ROOT / part).rglob("*.py"))]
SCRIPTS = [
    path
    for part in ("client", "ui", "loader", "widget", "dashboard")
    for path in sorted((ROOT / "web" / part / "src").rglob("*.ts*"))
]
# Interpreters, parsers of dangerous formats, and clients of other systems.
MODULES = frozenset(
    {"pickle", "marshal", "shelve", "dill", "jsonpickle", "yaml", "xml", "lxml", "zipfile", "tarfile", "subprocess", "pty",
     "jinja2", "mako", "ldap", "ldap3", "memcache", "pymemcache", "smtplib", "imaplib", "jwt", "jose", "ctypes",
     "requests", "httpx", "aiohttp", "urllib3"}
)  # fmt: skip
FUNCTIONS = frozenset({"eval", "exec", "compile", "__import__", "system", "popen", "md5", "sha1"})
# Places where a string becomes markup or code.
SCRIPT_SINKS = re.compile(
    r"\b(innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|srcdoc|createContextualFragment|eval)\b"
    r"|document\.write|new Function\b|javascript:|set(Timeout|Interval)\(\s*[\"'`]"
)
# Readings of the device's clock, which can be hours off.
CLOCK_READINGS = re.compile(r"\bDate\.now\b|\bnew Date(\(\s*\)|\b(?!\())|(?<!new )\bDate\(\)|\bperformance\.now\b")
CLOCK = "web/client/src/clock.ts"


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def called(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            target = node.func
            if isinstance(target, ast.Name):
                yield target.id
            # `re.compile` is another function than the builtin.
            elif isinstance(target, ast.Attribute) and target.attr != "compile":
                yield target.attr


def test_no_python_source_uses_a_dangerous_module_or_function() -> None:
    assert len(PYTHON) > 100
    found = {}
    for path in PYTHON:
        tree = ast.parse(path.read_text())
        bad = MODULES.intersection(imported(tree)) | FUNCTIONS.intersection(called(tree))
        if bad:
            found[str(path.relative_to(ROOT))] = sorted(bad)
    assert found == {}


def test_no_script_turns_text_into_markup_or_code() -> None:
    assert len(SCRIPTS) > 50
    found = {
        str(path.relative_to(ROOT)): match[0] for path in SCRIPTS if (match := SCRIPT_SINKS.search(path.read_text()))
    }
    assert found == {}


def test_one_module_of_the_client_reads_the_clock() -> None:
    found = [str(path.relative_to(ROOT)) for path in SCRIPTS if CLOCK_READINGS.search(path.read_text())]
    assert found == [CLOCK]
    for reading in ("Date.now()", "new Date()", "new Date( )", "Date()", "performance.now()", "[1].map(Date.now)"):
        assert CLOCK_READINGS.search(reading), reading
    assert not CLOCK_READINGS.search("new Date(at)")
