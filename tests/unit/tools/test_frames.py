"""The frames as TypeScript and as tables of docs/protocol.md."""

from tools import frames


def test_typescript_marks_optional_and_nullable_fields() -> None:
    text = frames.typescript()
    assert "\tretry_ms: number | null;" in text
    assert "\tconversation?: string | null;" in text
    assert '\tkind: "visitor" | "agent" | "integration" | "system";' in text


def test_typescript_names_the_struct_of_rows_that_are_encoded_already() -> None:
    assert "\tupsert: VisitorRow[];" in frames.typescript()


def test_a_default_that_the_server_leaves_out_is_optional_and_never_null() -> None:
    text = frames.typescript()
    entry = text[text.index("export interface Entry {") :]
    assert "\tauthor?: Author;" in entry[: entry.index("}")]


def test_every_frame_is_in_the_unions_and_in_the_tables() -> None:
    text, rows = frames.typescript(), "\n".join(frames.markdown())
    for frame in (*frames.FROM_CLIENTS, *frames.FROM_SERVER):
        tag = frame.__struct_config__.tag
        assert f'type: "{tag}"' in text
        assert f'`{{"type":"{tag}"' in rows


def test_the_tables_show_bounds_and_values() -> None:
    rows = "\n".join(frames.markdown())
    assert '"limit"?:≤100' in rows
    assert '"retry_ms":… or null' in rows
    assert '"status":"away"\\|"invisible"\\|"online"' in rows
