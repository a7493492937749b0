"""The dashboard's TypeScript types are those of the HTTP API."""

from pathlib import Path

from kit.vocabulary import TICKET_STATUSES
from services.gateway.http.openapi import document
from tools.openapi_typescript import typescript

SHAPES = Path(__file__).parents[4] / "web/dashboard/src/api/shapes.gen.ts"


def schemas(**properties: object) -> dict[str, object]:
    one = {"description": "One.", "properties": properties, "required": ["needed"]}
    return {"components": {"schemas": {"One": one}}}


def test_checked_in_types_are_the_generated_ones() -> None:
    assert SHAPES.read_text() == typescript(document()), "run `make generate`"


def test_absent_null_and_named_values_become_different_types() -> None:
    found = typescript(
        schemas(
            needed={"anyOf": [{"type": "string"}, {"type": "null"}]},
            status={"enum": sorted(TICKET_STATUSES)},
            side={"enum": ["left", "right"]},
            names={"type": "array", "items": {"$ref": "#/components/schemas/One"}},
        )
    )
    assert "\tneeded: string | null;\n" in found
    assert "\tstatus?: TicketStatus;\n" in found
    assert '\tside?: "left" | "right";\n' in found
    assert "\tnames?: One[];\n" in found
