"""Generates TypeScript types from the schemas of the gateway's OpenAPI document.

Knows the JSON schema that msgspec writes, no more: an unknown form raises KeyError.
"""

from kit.vocabulary import VOCABULARIES
from services.gateway.http.openapi import Json

HEADER = "// Generated from docs/openapi.json by `make generate`."
# Schemas that other generated files define: their TypeScript names.
FOREIGN = {"EntryJson": "Entry", "AuthorJson": "Author", "Code": "string"}
SCALARS = {"string": "string", "integer": "number", "boolean": "boolean", "null": "null"}
_VOCABULARY = {frozenset(value for value, _ in one.meanings): one.type_name for one in VOCABULARIES}


def typescript(document: Json) -> str:
    """The dashboard's api/shapes.gen.ts: an interface per schema."""
    schemas = document["components"]["schemas"]
    body = "\n".join(_interface(name, schema) for name, schema in schemas.items() if name not in FOREIGN)
    names = ", ".join(name for name in sorted(_VOCABULARY.values()) if name in body)
    imports = (
        f'import type {{ Entry }} from "@palique/client";\nimport type {{ {names} }} from "@palique/ui/vocabulary";'
    )
    return f"{HEADER}\n{imports}\n\n{body}"


def _interface(name: str, schema: Json) -> str:
    required = schema.get("required", [])
    fields = [
        f"\t{field}{'' if field in required else '?'}: {_type(kind)};" for field, kind in schema["properties"].items()
    ]
    description = " ".join(schema["description"].split())
    return "\n".join([f"/** {description} */", f"export interface {name} {{", *fields, "}", ""])


def _type(schema: Json) -> str:
    if "$ref" in schema:
        name: str = schema["$ref"].rpartition("/")[2]
        return FOREIGN.get(name, name)
    if "anyOf" in schema:
        return " | ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        values = schema["enum"]
        return _VOCABULARY.get(frozenset(values)) or " | ".join(f'"{value}"' for value in values)
    if schema.get("type") == "array":
        return f"{_type(schema['items'])}[]"
    if schema.get("type") == "object":
        keys = _type(schema["propertyNames"]) if "propertyNames" in schema else "string"
        record = f"Record<{keys}, {_type(schema['additionalProperties'])}>"
        return record if "required" in schema else f"Partial<{record}>"
    return SCALARS[schema["type"]] if "type" in schema else "unknown"
