"""What docs/law.md says is shown by a test is shown by one."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RULES = [*(f"k{number}" for number in range(1, 12)), *(f"p{number}" for number in range(1, 11)), "g2", "g3", "g5"]


def law_tests() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "law").glob("test_*.py"))


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_held_by_a_test_of_its_name(rule: str) -> None:
    assert re.search(rf"def test_(\w+_)?{rule}_", law_tests())


@pytest.mark.parametrize("page", ["law.md", "law.ko.md"])
def test_every_test_that_the_page_names_is_there_and_every_rule_stands_on_it(page: str) -> None:
    told = (ROOT / "docs" / page).read_text(encoding="utf-8")
    names = set(re.findall(r"`(test_\w+)…`", told))
    assert [name for name in sorted(names) if f"def {name}" not in law_tests()] == []
    assert [path for path in re.findall(r"`(tests/[\w/]+\.py)`", told) if not (ROOT / path).exists()] == []
    assert [rule for rule in RULES if f"\n| {rule.upper()} " not in told] == []
