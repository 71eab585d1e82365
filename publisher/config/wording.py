"""What PyYAML says about a text that is not YAML, in words for whoever edits the file."""

import yaml

_INDENTATION = "the indentation does not match the lines above, or the value before it needs quotes"

# Fragments of PyYAML's messages, the most telling first.
_PLAIN_WORDS = (
    ("character '\\t'", "a tab stands here; indent with spaces"),
    ("but got '?'", "inside {…} or […] a text that holds '?' needs quotes"),  # it reads a complex key there
    (
        "mapping values are not allowed",
        "a ': ' where no key can stand; quote a text that holds one, or mend the indentation",
    ),
    ("could not find expected ':'", "expected 'key: value', and the colon is missing"),
    ("found undefined alias", "a text that begins with '*' needs quotes"),
    ("found unknown escape character", "a backslash inside \"…\" must be doubled, or use '…'"),
    ("expected escape sequence", "a backslash inside \"…\" must be doubled, or use '…'"),
    ("expected <block end>", _INDENTATION),
    ("expected the node content", "a value is missing or begins with a sign that needs quotes"),
    ("expected '<document start>'", _INDENTATION),
)
_OPENED = (  # by what was being read, with the place where it began
    ("while scanning a quoted scalar", "the quotation mark that opens here is never closed"),
    ("while parsing a flow sequence", "the bracket '[' that opens here is not closed, or a comma is missing in it"),
    ("while parsing a flow mapping", "the brace '{' that opens here is not closed, or a comma is missing in it"),
    ("while scanning an alias", "a text that begins with '*' needs quotes"),
    ("while scanning an anchor", "a text that begins with '&' needs quotes"),
    ("while scanning a tag", "a text that begins with '!' needs quotes"),
    ("while scanning a directive", "a line that begins with '%' needs quotes"),
    ("while scanning a block scalar", "after '|' or '>' the text begins on the next line, indented"),
)


def in_plain_words(error: yaml.MarkedYAMLError) -> tuple[int, int, str]:
    """Line and column to look at (from 0), and what is wrong there."""
    problem, context = error.problem or "", error.context or ""
    here = error.problem_mark or error.context_mark
    assert here is not None, "every error of the reading has a place"
    for fragment, words in _PLAIN_WORDS:
        if fragment in problem:
            return here.line, here.column, words
    for fragment, words in _OPENED:
        if fragment in context:
            began = error.context_mark or here
            return began.line, began.column, words
    if "cannot start any token" in problem:
        return here.line, here.column, "a text that begins with this sign needs quotes"
    return here.line, here.column, f"not YAML: {problem}"
