"""Text that is not YAML, or YAML that nobody should write: one plain line with its place."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.config.tree import MOST_VALUES, Branch, Leaf, Node, parse
from publisher.errors import ConfigError
from tests.config.house import SMALL, load_text, problems_of, with_lines


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("site:\n\tname: x\n", "config.yaml:2:1: a tab stands here; indent with spaces"),
        ("site:\n  a: 1\n b: 2\n", "config.yaml:3:2: the indentation does not match the lines above"),
        ("cadence: * 9 * * mon\n", "config.yaml:1:10: a text that begins with '*' needs quotes"),
        ("cadence: */5 * * * *\n", "config.yaml:1:10: a text that begins with '*' needs quotes"),
        ("name: 'open\nb: 1\n", "config.yaml:1:7: the quotation mark that opens here is never closed"),
        ("a: [1, 2\nb: 1\n", "config.yaml:1:4: the bracket '[' that opens here is not closed"),
        ("a: {x: 1\nb: 2\n", "config.yaml:1:4: the brace '{' that opens here is not closed"),
        ("{url: https://x.example/?a=b}\n", "config.yaml:1:25: inside {…} or […] a text that holds '?' needs quotes"),
        ("title: Peace: a column\n", "config.yaml:1:13: a ': ' where no key can stand"),
        ("site\nstore: {}\n", "config.yaml:2:6: a ': ' where no key can stand"),
        ('path: "C:\\data"\n', "config.yaml:1:11: a backslash inside"),
        ("user: @letters\n", "config.yaml:1:7: a text that begins with this sign needs quotes"),
        ("a: 1\n---\nb: 2\n", "config.yaml:2:1: a second document begins here"),
        ("a: !!python/object:os.system x\n", "config.yaml:1:4: tags (words that begin with '!') are not used here"),
        ("[a]: b\n", "config.yaml:1:1: expected a key"),
        ("a: *b\n", "config.yaml:1:4: '*b' names nothing before it"),
        ("a: &a [*a]\n", "config.yaml:1:8: '*a' names nothing before it"),
        ("a: \x07\n", "config.yaml:1:4: a control character"),
        ('a: "\\ud83d"\n', "config.yaml:1:4: an escape that is only half a character"),
        ("a: " + "[" * 30, "config.yaml:1:23: nested deeper than 20 levels"),
    ],
)
def test_what_is_not_yaml_is_told_in_plain_words(tmp_path: Path, text: str, line: str) -> None:
    (problem,) = problems_of(tmp_path, text)
    assert problem.startswith(line)


def test_a_file_in_another_charset_is_told_with_the_place(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_bytes("site:\n  name: 한빛\n".encode("cp949"))
    with pytest.raises(ConfigError, match=r"config.yaml:2:9: not UTF-8 from here on; save the file as UTF-8"):
        parse((tmp_path / "config.yaml").read_bytes(), "config.yaml")


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    assert load_text(tmp_path, "\ufeff" + SMALL).site.name == {"ko": "한빛평화연구소"}


def test_a_key_given_twice_is_told_with_both_places(tmp_path: Path) -> None:
    text = with_lines("delivery", "  retry: {max_attempts: 3}", "  retry: {max_attempts: 4}")
    assert problems_of(tmp_path, text) == [
        "config.yaml:11:3: delivery.retry: given twice, first in line 10; keep one of the two"
    ]


def test_nested_aliases_are_stopped_before_they_unfold() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 18))
    with pytest.raises(ConfigError, match=f"unfolds to more than {MOST_VALUES:,} values"):
        parse(bomb.encode(), "config.yaml")


def test_an_alias_stands_for_what_it_names(tmp_path: Path) -> None:
    text = SMALL.replace("name: {ko: 한빛평화연구소}", "name: &us {ko: 한빛평화연구소}").replace(
        "{email:", "{name: *us, email:"
    )
    assert load_text(tmp_path, text).site.sender.name == {"ko": "한빛평화연구소"}


def test_a_variable_changes_only_one_of_two_places_that_share_an_alias(tmp_path: Path) -> None:
    text = SMALL.replace("name: {ko: 한빛평화연구소}", "name: &us {ko: 한빛평화연구소}").replace(
        "{email:", "{name: *us, email:"
    )
    site = load_text(tmp_path, text, {"PUBLISHER_SITE__SENDER__NAME__KO": "한빛 편집실"}).site
    assert (site.name["ko"], site.sender.name["ko"]) == ("한빛평화연구소", "한빛 편집실")


def test_texts_stay_as_they_are_written(tmp_path: Path) -> None:
    for written in ("no", "9:30", "0101234567", "1_000", "1e3", "2026-11-24", "true", "0x1F", "=", "<<"):
        text = SMALL.replace("{email:", f"{{phone: {written}, email:")
        assert load_text(tmp_path, text).site.sender.phone == written


def test_nothing_and_null_are_the_default(tmp_path: Path) -> None:
    for written in ("", " null", " ~", ' ""', " # later"):
        config = load_text(tmp_path, with_lines("web", f"  listen:{written}"))
        assert config.web.listen == "127.0.0.1:8080"


@pytest.mark.parametrize("text", ["", "# nothing\n", "null\n", "---\n"])
def test_an_empty_file_misses_what_must_be_given(tmp_path: Path, text: str) -> None:
    assert [line.partition(": ")[2].partition(",")[0] for line in problems_of(tmp_path, text)] == [
        "site.name: is missing; expected a name in at least one language",
        "site.url: is missing; expected an address such as https://letters.hanbit-peace.example",
    ]


def test_a_file_that_is_a_list_is_told_so(tmp_path: Path) -> None:
    assert problems_of(tmp_path, "- site\n- store\n")[0] == (
        "config.yaml:1:1: expected keys such as site:, archives: and lists:"
    )


@settings(max_examples=150, deadline=None)
@given(st.text() | st.text(alphabet="ab:[]{},&*!|>'\"%@`#- \n\t\\?~"))
def test_any_text_is_a_tree_or_a_problem_with_its_place(text: str) -> None:
    content = text.encode("utf-8", "surrogatepass")
    try:
        parse(content, "config.yaml")
    except ConfigError as error:
        (problem,) = error.problems
        assert (problem.line or 0) >= 1
        assert (problem.column or 0) >= 1
        assert "\n" not in str(problem)


plain = st.text(alphabet=st.characters(exclude_categories=("C", "Z")), min_size=1)
trees = st.recursive(plain, lambda below: st.lists(below) | st.dictionaries(plain, below), max_leaves=20)


@settings(max_examples=100, deadline=None)
@given(trees)
def test_what_another_program_wrote_as_yaml_is_read_back(tree: object) -> None:
    written = yaml.safe_dump(tree, allow_unicode=True)
    assert plainly(parse(written.encode(), "config.yaml").root) == tree


def plainly(node: Node) -> object:
    if isinstance(node, Leaf):
        return node.text
    if isinstance(node, Branch):
        return {key: plainly(entry.node) for key, entry in node.entries.items()}
    return [plainly(item) for item in node.nodes]
