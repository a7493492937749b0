"""Lint of the language in comments, docstrings and log events: `python -m tools.prose [folder or file…]`.

Reports words that hide the actor or the action (`WORDS`), and exits with 1 when one is found that `ALLOWED` has no reason for.
Such words in names of functions, and sentences of docstrings with more than MAX_SENTENCE_WORDS words, are only counted; `--all` lists them.
Text between backticks is code and is not checked. Texts for users have their own rules and are left out.
"""

import argparse
import ast
import io
import re
import subprocess
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
MAX_SENTENCE_WORDS = 25
# Each with the better choice, which is printed beside the finding.
WORDS: Mapping[str, str] = {
    r"who(?:m|ever|mever)?": "name the client, caller, process or person",
    r"(?:some|no|every|any)(?:body| ?one(?! of| \w))": "name the client, caller, process or person",
    r"anew": "again",
    r"told|tells?": "send, return, publish, log",
    r"settl(?:e[sd]?|ing)": "finish, complete, resolve",
    r"(?:let|lets|letting) in": "accept, allow",
    r"(?:see|sees|seen) off": "close, reject",
    r"(?:make|makes|made|making) good": "repeat, repair",
    r"(?:stand|stands|stood|standing) still": "stop, wait, be unchanged",
    r"(?:hang|hangs|hung|hanging) on": "wait for, depend on",
    r"(?:come|comes|came|coming) in": "arrive, be received",
}
# (file, word in lower case): why it may stay there.
ALLOWED: Mapping[tuple[str, str], str] = {}
SKIPPED = (
    "*_pb2*.py*",
    "*.gen.ts",
    "*package-lock.json",
    "web/*/src/texts/*",
    "tools/prose.py",
    "tests/unit/tools/test_prose.py",
)
LOG_METHODS = frozenset({"debug", "info", "warning", "error", "exception", "critical"})
HASH_COMMENTS = (".sh", ".yaml", ".toml", "Makefile", "Dockerfile")
SLASH_COMMENTS = (".ts", ".tsx", ".proto", ".css", ".mjs")

_WORD = re.compile(rf"\b(?:{'|'.join(WORDS)})\b", re.IGNORECASE)
_CODE = re.compile(r"``.+?``|`[^`]*`", re.DOTALL)
_SENTENCE_END = re.compile(r"(?<=[.!?])[\s)]+(?=[A-Z`(\"'])|\n\s*\n|\n\s*[*-] ")
# Strings first, so that `//` inside one is no comment.
_SLASH_TOKENS = re.compile(
    r"""(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|(?P<comment>//[^\n]*|/\*.*?\*/)""",
    re.DOTALL,
)


class Text(NamedTuple):
    line: int
    kind: str  # comment, docstring, log or name
    text: str


class Finding(NamedTuple):
    path: str
    line: int
    kind: str
    word: str
    text: str


def python_texts(source: str) -> Iterator[Text]:
    """Comments, docstrings, log events and names of functions and classes of a Python module."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield Text(token.start[0], "comment", token.string.lstrip("#! "))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[0] if node.body else None
            if ast.get_docstring(node) is not None and isinstance(first, ast.Expr):
                yield Text(first.lineno, "docstring", ast.get_docstring(node) or "")
            if not isinstance(node, ast.Module):
                yield Text(node.lineno, "name", node.name.replace("_", " "))
        elif isinstance(node, ast.Call) and (event := _log_event(node)) is not None:
            yield Text(node.lineno, "log", event)


def _log_event(call: ast.Call) -> str | None:
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in LOG_METHODS or not call.args:
        return None
    event = call.args[0]
    return event.value if isinstance(event, ast.Constant) and isinstance(event.value, str) else None


def slash_texts(source: str) -> Iterator[Text]:
    """Comments of TypeScript, protobuf and CSS."""
    for token in _SLASH_TOKENS.finditer(source):
        if comment := token["comment"]:
            plain = re.sub(r"^\s*(?:/\*+|\*+/|\*|//+)|\*/$", "", comment, flags=re.MULTILINE)
            yield Text(source.count("\n", 0, token.start()) + 1, "comment", plain.strip())


def hash_texts(source: str) -> Iterator[Text]:
    """Comments of shell, YAML, TOML, Makefile and Dockerfile: a line's, or after two spaces behind other text."""
    for number, line in enumerate(source.splitlines(), start=1):
        if found := re.search(r"(?:^|\s)#+\s(.*)", line):
            yield Text(number, "comment", found[1])


def texts_of(path: str, source: str) -> Iterator[Text]:
    if path.endswith(".py"):
        return python_texts(source)
    return slash_texts(source) if path.endswith(SLASH_COMMENTS) else hash_texts(source)


def words_found(path: str, text: Text, allowed: Mapping[tuple[str, str], str] = ALLOWED) -> Iterator[Finding]:
    plain = _CODE.sub("`code`", text.text)
    for found in _WORD.finditer(plain):
        line = plain.count("\n", 0, found.start())
        word = found.group().lower()
        if (path, word) not in allowed:
            yield Finding(path, text.line + line, text.kind, word, plain.splitlines()[line].strip())


def long_sentences(path: str, text: Text) -> Iterator[Finding]:
    if text.kind != "docstring":
        return
    for sentence in _SENTENCE_END.split(text.text):
        count = len([word for word in sentence.split() if any(map(str.isalnum, word))])
        if count > MAX_SENTENCE_WORDS:
            yield Finding(path, text.line, "docstring", f"{count} words", " ".join(sentence.split()))


def files(paths: Sequence[str]) -> list[str]:
    """The files under git that are checked, in these folders or in all."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *paths],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    checked = (".py", *SLASH_COMMENTS, *HASH_COMMENTS)
    return sorted(
        path
        for path in set(listed)
        if path.endswith(checked) and not any(fnmatch(path, skipped) for skipped in SKIPPED) and (ROOT / path).is_file()
    )


def _folder(path: str) -> str:
    folders = path.split("/")[:-1]
    return "/".join(folders[: 2 if folders[:1] in (["services"], ["tests"], ["web"]) else 1]) or "."


def _summary(words: Sequence[Finding], soft: Sequence[Finding]) -> None:
    columns = [
        Counter(_folder(found.path) for found in findings)
        for findings in (words, [f for f in soft if f.kind == "name"], [f for f in soft if f.kind != "name"])
    ]
    print(f"{'folder':<24} words  in names  long sentences")
    for folder in sorted({folder for column in columns for folder in column}):
        print(f"{folder:<24} {columns[0][folder]:5}  {columns[1][folder]:8}  {columns[2][folder]:14}")
    print(f"{'total':<24} {columns[0].total():5}  {columns[1].total():8}  {columns[2].total():14}")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("paths", nargs="*")
    parser.add_argument("--all", action="store_true", help="list the names and the long sentences too")
    options = parser.parse_args(arguments)
    words: list[Finding] = []
    soft: list[Finding] = []
    for path in files(options.paths):
        for text in texts_of(path, (ROOT / path).read_text()):
            (soft if text.kind == "name" else words).extend(words_found(path, text))
            soft.extend(long_sentences(path, text))
    for found in words + (soft if options.all else []):
        print(f"{found.path}:{found.line}: {found.kind}: {found.word}: {found.text[:160]}")
    _summary(words, soft)
    return 1 if words else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
