"""Every vocabulary is whole: its type, its table of meanings, and what is written for each of its values agree."""

from typing import Any, get_args

import pytest

from kit import vocabulary
from kit.vocabulary import ENTRY_KINDS, FACT_KINDS, LANGUAGES, TEXT_KINDS, VOCABULARIES, Vocabulary
from services.gateway.http.transcript_export import LABELS


@pytest.mark.parametrize("one", VOCABULARIES, ids=lambda one: one.type_name)
def test_type_and_table_have_the_same_values_in_the_same_order(one: Vocabulary) -> None:
    kind: object = getattr(vocabulary, one.type_name)
    table: Any = getattr(vocabulary, one.values_name)
    assert get_args(kind) == tuple(table) == tuple(value for value, _ in one.meanings)
    assert all(meaning for _, meaning in one.meanings)


def test_entries_with_text_and_entries_that_are_facts_are_kinds_of_entry() -> None:
    assert set(ENTRY_KINDS) >= TEXT_KINDS | FACT_KINDS
    assert not TEXT_KINDS & FACT_KINDS


def test_a_transcript_has_its_labels_in_every_language() -> None:
    assert set(LABELS) == set(LANGUAGES)
    assert {frozenset(labels) for labels in LABELS.values()} == {frozenset(LABELS["en"])}
