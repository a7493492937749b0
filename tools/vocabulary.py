"""Generates from kit/vocabulary.py: the TypeScript types, the languages of the web applications, the tables of docs/protocol.md."""

from collections.abc import Mapping

from kit.vocabulary import DEFAULT_LANGUAGE, LANGUAGES, VOCABULARIES

HEADER = "// Generated from kit/vocabulary.py by `make generate`."


def typescript() -> str:
    """web/ui/src/vocabulary.gen.ts: per set a readonly array and the union type of its values."""
    lines = [HEADER]
    for one in VOCABULARIES:
        values = ", ".join(f'"{value}"' for value, _ in one.meanings)
        lines += ["", f"export const {one.values_name} = [{values}] as const;"]
        lines.append(f"export type {one.type_name} = (typeof {one.values_name})[number];")
    names = ", ".join(f'{language}: "{name}"' for language, name in LANGUAGES.items())
    lines += ["", "/** Each in its own language. */"]
    lines.append(f"export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {{ {names} }};")
    lines += [f'export const DEFAULT_LANGUAGE: Language = "{DEFAULT_LANGUAGE}";', ""]
    return "\n".join(lines)


def languages_typescript(tables: Mapping[str, str]) -> str:
    """A texts/languages.gen.ts. `tables`: the name of each table, and what every language's file exports for it; an empty text is the language."""
    lines = [HEADER, 'import type { Language } from "@palique/ui/vocabulary";']
    lines += [f'import * as {language} from "./{language}";' for language in LANGUAGES]
    for table, export in tables.items():
        keys = f"keyof typeof {DEFAULT_LANGUAGE}.{export or DEFAULT_LANGUAGE}"
        entries = ", ".join(f"{language}: {language}.{export or language}" for language in LANGUAGES)
        lines += [
            "",
            f"export const {table}: Readonly<Record<Language, Readonly<Record<{keys}, string>>>> = {{ {entries} }};",
        ]
    return "\n".join([*lines, ""])


def markdown() -> list[str]:
    """The tables of docs/protocol.md, as lines."""
    lines: list[str] = []
    for one in VOCABULARIES:
        lines += ["", f"### {one.title}", "", "| Value | Meaning |", "| --- | --- |"]
        lines += [f"| `{value}` | {meaning} |" for value, meaning in one.meanings]
    return lines
