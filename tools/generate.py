"""Writes all generated files that are checked in: gRPC code, TypeScript types, the tables of docs/protocol.md,
docs/settings.md, docs/openapi.json, docs/asyncapi.yaml, the page of the API reference, Grafana's dashboards.

`python -m tools.generate` writes; `make check-generated` writes and fails when git sees a difference.
"""

import sys
from importlib.resources import files
from pathlib import Path

from grpc_tools import protoc

from kit import page_fields
from kit.codes import CLOSES, ERRORS, Reaction
from services.gateway.accounts.password_rule import MAX_PASSWORD, MIN_PASSWORD
from services.gateway.http import openapi
from tools import asyncapi, frames, openapi_typescript, reference_page, vocabulary
from tools.dashboards import dashboards
from tools.settings_table import names_module, settings_page

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
PROTOS = ROOT / "protos"
CODES_TS = ROOT / "web/client/src/codes.gen.ts"
FRAMES_TS = ROOT / "web/client/src/frames.gen.ts"
PROTOCOL_MD = ROOT / "docs/protocol.md"
RULES = ROOT / "deploy/observability/prometheus/rules.yaml"
PROMETHEUS_RULE = ROOT / "deploy/observability/prometheus-rule.yaml"
GRAFANA = ROOT / "deploy/observability/grafana"
SETTINGS_MD = ROOT / "docs/settings.md"
OPENAPI_JSON = ROOT / "docs/openapi.json"
ASYNCAPI_YAML = ROOT / "docs/asyncapi.yaml"
REFERENCE_PAGE = WEB / "dashboard/public/reference.html"
SHAPES_TS = WEB / "dashboard/src/api/shapes.gen.ts"
LIMITS_TS = WEB / "dashboard/src/api/limits.gen.ts"
FIELD_LIMITS_TS = WEB / "widget/src/panel/fieldLimits.gen.ts"
SETTING_NAMES = ROOT / "kit/config/known_names.py"


def generate_protos() -> None:
    """The Python modules and type stubs, beside the proto files."""
    sources = sorted(str(path.relative_to(PROTOS)) for path in PROTOS.rglob("*.proto"))
    for stale in [*PROTOS.rglob("*_pb2*.py"), *PROTOS.rglob("*_pb2*.pyi")]:
        stale.unlink()
    out = [f"--{kind}_out={PROTOS}" for kind in ("python", "grpc_python", "mypy", "mypy_grpc")]
    bundled = str(files("grpc_tools") / "_proto")
    status = protoc.main(["protoc", f"-I{PROTOS}", f"-I{bundled}", *out, *sources])
    if status != 0:
        sys.exit(f"protoc ended with {status}")
    for module in PROTOS.rglob("*_pb2_grpc.py"):
        if "service " not in module.with_name(module.name.replace("_pb2_grpc.py", ".proto")).read_text():
            module.unlink()
            module.with_suffix(".pyi").unlink(missing_ok=True)


def generate_codes_ts() -> None:
    """The client's table of codes."""
    lines = ["// Generated from kit/codes.py by `make generate`.", ""]
    reactions = " | ".join(f'"{reaction}"' for reaction in Reaction)
    lines.append(f"export type Reaction = {reactions};")
    lines.append("")
    lines.append("export const CLOSE_CODES: Readonly<Record<number, { name: string; reaction: Reaction }>> = {")
    for close, row in CLOSES.items():
        lines.append(f'  {close.value}: {{ name: "{close.name.lower()}", reaction: "{row.reaction}" }},')
    lines += ["};", "", "/** All that the script of every visited page needs: after any other code it reconnects. */"]
    lines.append("export const CLOSE_REACTIONS: Readonly<Partial<Record<number, Reaction>>> = {")
    lines += [
        f'  {close.value}: "{row.reaction}",' for close, row in CLOSES.items() if row.reaction != Reaction.RECONNECT
    ]
    lines += ["};", "", "export const ERROR_CODES = ["]
    lines += [f'  "{code}",' for code in ERRORS]
    lines += ["] as const;", "", "export type ErrorCode = (typeof ERROR_CODES)[number];", ""]
    CODES_TS.parent.mkdir(parents=True, exist_ok=True)
    CODES_TS.write_text("\n".join(lines))


def generate_vocabulary() -> None:
    """The vocabulary of the web applications, and the files that import every language's texts."""
    (WEB / "ui/src/vocabulary.gen.ts").write_text(vocabulary.typescript())
    tables = {"dashboard": {"TEXTS": ""}, "widget": {"TEXTS": "", "CONSENT_TEXTS": "consent"}}
    for application, names in tables.items():
        path = WEB / application / "src/texts/languages.gen.ts"
        path.write_text(vocabulary.languages_typescript(names))


def generate_frames_ts() -> None:
    """The client's types of all frames."""
    FRAMES_TS.write_text(frames.typescript())


def generate_protocol_tables() -> None:
    """The tables of docs/protocol.md, between their marks."""
    rows = ["", "### Close codes", "", "| Code | Meaning | Client |", "| --- | --- | --- |"]
    rows += [f"| {close.value} | {row.meaning} | {row.client} |" for close, row in CLOSES.items()]
    rows += ["", "### Error codes", "", "| Code | HTTP | Meaning |", "| --- | --- | --- |"]
    rows += [f"| `{code}` | {row.http} | {row.meaning} |" for code, row in ERRORS.items()]
    replace_section(PROTOCOL_MD, "frames", frames.markdown())
    replace_section(PROTOCOL_MD, "codes", rows)
    replace_section(PROTOCOL_MD, "vocabulary", vocabulary.markdown())


def replace_section(path: Path, name: str, lines: list[str]) -> None:
    """Writes the lines between the marks `<!-- name:begin …-->` and `<!-- name:end -->`."""
    text = path.read_text()
    begin = text.index("\n", text.index(f"<!-- {name}:begin"))
    path.write_text(text[:begin] + "\n".join(lines) + "\n" + text[text.index(f"<!-- {name}:end -->") :])


def generate_settings() -> None:
    """The table of settings, and the setting names that a process accepts."""
    SETTINGS_MD.write_text(settings_page())
    SETTING_NAMES.write_text(names_module())


def generate_dashboards() -> None:
    """Grafana's dashboards; obsolete files are deleted."""
    GRAFANA.mkdir(parents=True, exist_ok=True)
    for stale in GRAFANA.glob("*.json"):
        stale.unlink()
    for name, content in dashboards().items():
        (GRAFANA / name).write_text(content)


def generate_prometheus_rule() -> None:
    """The Prometheus operator's rules, identical to the tested ones."""
    groups = RULES.read_text()
    groups = groups[groups.index("groups:") :]
    indented = "".join(f"  {line}" if line.strip() else line for line in groups.splitlines(keepends=True))
    PROMETHEUS_RULE.write_text(
        "# Generated from prometheus/rules.yaml by `make generate`.\n"
        "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: palique\nspec:\n" + indented
    )


def generate_limits() -> None:
    """The limits that the dashboard shows before it sends a form, and those that the widget cuts a page's fields to."""
    LIMITS_TS.write_text(
        "// Generated from services/gateway/accounts/password_rule.py by `make generate`.\n"
        f"export const MIN_PASSWORD = {MIN_PASSWORD};\nexport const MAX_PASSWORD = {MAX_PASSWORD};\n"
    )
    # Shorter, and the same without the flag `u`.
    key_characters = page_fields.KEY_CHARACTERS.replace("A-Za-z0-9_", r"\w")
    FIELD_LIMITS_TS.write_text(
        "// Generated from kit/page_fields.py by `make generate`.\n"
        f"export const MAX_FIELDS = {page_fields.MAX_FIELDS};\nexport const MAX_VALUE = {page_fields.MAX_VALUE};\n"
        f"export const KEY = /^[{key_characters}]{{1,{page_fields.MAX_KEY}}}$/;\n"
    )


def generate_openapi() -> None:
    """The HTTP API as the gateway serves it, and the dashboard's types for it."""
    OPENAPI_JSON.write_bytes(openapi.encoded())
    SHAPES_TS.write_text(openapi_typescript.typescript(openapi.document()))


def generate_asyncapi() -> None:
    """The websocket frames and the facts."""
    ASYNCAPI_YAML.write_text(asyncapi.encoded())


def generate_reference_page() -> None:
    """Both documents as a page."""
    REFERENCE_PAGE.write_text(reference_page.page(openapi.document(), asyncapi.document()))


if __name__ == "__main__":
    generate_protos()
    generate_codes_ts()
    generate_frames_ts()
    generate_vocabulary()
    generate_limits()
    generate_protocol_tables()
    generate_settings()
    generate_dashboards()
    generate_prometheus_rule()
    generate_openapi()
    generate_asyncapi()
    generate_reference_page()
