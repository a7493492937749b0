"""The lint of the language finds vague words in comments, docstrings and log events, and nowhere else."""

from collections.abc import Iterable

import pytest

from tools import prose
from tools.prose import Text


def found(path: str, source: str) -> list[tuple[str, int, str]]:
    """(kind, line, word) of each finding, by line."""
    findings = [finding for text in prose.texts_of(path, source) for finding in prose.words_found(path, text)]
    return sorted(((f.kind, f.line, f.word) for f in findings), key=lambda finding: finding[1:])


BAD = [
    "everybody who connects is shown to the hall, and those who have asked for something are served",
    "How things stand on a site, as its people are told",
    "What a crash cuts off here is made good by the sweeper.",
    "Skips a number, which tells as much as what was in it",
    "Whoever comes second gets what is there now.",
    "The list is read anew.",
    "Returns when those in hand are settled.",
    "Somebody is let in, and nobody is seen off.",
    "The loop stands still, and anyone else waits.",
]
GOOD = [
    "Accept queue. New connections wait in an epoll set; once readable, up to ACCEPT_BATCH an iteration are handed to uvicorn.",
    "Pushes queue and availability status to agents and visitors of a site, at most twice a second.",
    "Post-commit work: update projection, publish hint, publish fact. After a crash the outbox sweeper repeats it.",
    "Skips a sequence number so that readers detect a gap.",
    "On a version conflict, returns the current state.",
    "Reads the whole list again; its settings and the wholesale order stay.",
    "Any one of the replicas answers. Sets `who` of the frame, or ``told`` of the other.",
]


@pytest.mark.parametrize("sentence", BAD)
def test_vague_words_are_found(sentence: str) -> None:
    assert found("a.py", f"# {sentence}\n")


@pytest.mark.parametrize("sentence", GOOD)
def test_plain_sentences_pass(sentence: str) -> None:
    assert not found("a.py", f"# {sentence}\n")


def test_python_comments_docstrings_and_log_events_are_read_and_code_is_not() -> None:
    source = '''"""Nobody reads this."""

who = "somebody"  # the person who asks


class Names:
    """Names of the site.

    They are told once.
    """

    def test_nobody(self) -> None:
        log.warning("told anew", who=who)
        print("everybody")
'''
    assert found("a.py", source) == [
        ("docstring", 1, "nobody"),
        ("comment", 3, "who"),
        ("docstring", 9, "told"),
        ("name", 12, "nobody"),
        ("log", 13, "anew"),
        ("log", 13, "told"),
    ]


def test_typescript_and_proto_comments_are_read_and_strings_are_not() -> None:
    source = """// Who asks.
const who = "// nobody" + `// nobody` + 'it\\'s // nobody'; /* told
 * anew */
"""
    assert found("a.ts", source) == [("comment", 1, "who"), ("comment", 2, "told"), ("comment", 3, "anew")]
    assert found("a.proto", 'option a = "who"; // who\n') == [("comment", 1, "who")]


def test_hash_comments_of_other_files_are_read() -> None:
    assert found("a/Makefile", "run: # told\n\techo who#who\n") == [("comment", 1, "told")]


def test_an_allowed_word_passes_in_its_file_only() -> None:
    allowed = {("a.py", "who"): "the World Health Organization"}
    text = Text(1, "comment", "WHO")
    assert not list(prose.words_found("a.py", text, allowed))
    assert list(prose.words_found("b.py", text, allowed))


def long(*texts: Text) -> Iterable[str]:
    return [finding.word for text in texts for finding in prose.long_sentences("a.py", text)]


def test_long_sentences_are_counted_in_docstrings_only() -> None:
    words = " ".join(["word"] * prose.MAX_SENTENCE_WORDS)
    assert long(Text(1, "docstring", f"{words}. {words.title()}.\n\n{words}")) == []
    assert long(Text(1, "docstring", f"{words} and one.")) == ["27 words"]
    assert long(Text(1, "comment", f"{words} and one.")) == []


def test_generated_files_and_texts_for_users_are_left_out() -> None:
    listed = prose.files(["web", "protos"])
    assert listed
    assert not [path for path in listed if ".gen." in path or "_pb2" in path or "/src/texts/" in path]
