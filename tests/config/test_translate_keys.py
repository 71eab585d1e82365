"""`translate` and `glossary.yaml`: what each service needs, and what is said of a wrong name."""

from pathlib import Path

import pytest

from publisher.config import Config
from publisher.translate.policy import Service
from tests.config.house import SMALL, load_text, problems_of

DEEPL = "translate: {service: deepl, key: wet-paint}\n"


def with_glossary(folder: Path, glossary: str) -> Path:
    (folder / "glossary.yaml").write_text(glossary, encoding="utf-8")
    return folder


def loaded(folder: Path, keys: str) -> Config:
    return load_text(folder, f"{SMALL}translate: {keys}\n")


def test_nothing_is_translated_unless_somebody_says_so(tmp_path: Path) -> None:
    policy = load_text(with_glossary(tmp_path, "nonsense")).translate  # nor is the glossary read
    assert (policy.service, policy.automatic) == (None, False)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ("{service: deepl}", "translate.key: is missing; expected DeepL's key"),
        ("{service: openai}", "translate.model: is missing"),
        ("{service: papago, key: x}", "translate.service: expected deepl or openai, got 'papago'"),
        ("{service: deepl, key: x, endpoint: 'http://deepl.example'}", "translate.endpoint: expected https://…"),
        ("{service: deepl, key: 비밀}", "translate.key: expected one word of ASCII letters and signs"),
        ("{service: deepl, key: x, key_file: y}", "translate.key_file: key is given as well"),
        ("{service: deepl, key_file: none}", "translate.key_file: cannot read"),
        ("{extent: all}", "translate.extent: expected title or summary or body, got 'all'"),
        ("{archives: [press]}", "translate.archives: expected an archive of this file (director), got 'press'"),
        ("{languages: [fr]}", "translate.languages: expected ko or en, got 'fr'"),
        ("{automatic: sometimes}", "translate.automatic: expected true or false, got 'sometimes'"),
        ("{budget: -1}", "translate.budget: expected a whole number from 0"),
        ("{modell: x}", "translate.modell: unknown key; did you mean 'model'?"),
    ],
)
def test_each_mistake_is_one_line(tmp_path: Path, keys: str, told: str) -> None:
    (problem,) = problems_of(tmp_path, f"{SMALL}translate: {keys}\n")
    assert told in problem
    assert "비밀" not in problem


def test_a_server_of_ones_own_may_be_asked_in_the_open_where_it_is_named(tmp_path: Path) -> None:
    keys = '{service: openai, model: m, endpoint: "http://127.0.0.1:11434/v1/", allow: ["127.0.0.1:11434"]}'
    policy = loaded(tmp_path, keys).translate
    assert (policy.endpoint, policy.key) == ("http://127.0.0.1:11434/v1", "")


def test_a_key_comes_from_the_environment_or_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-a-file\n")
    environ = {"PUBLISHER_TRANSLATE__SERVICE": "deepl", "PUBLISHER_TRANSLATE__KEY": "from-outside"}
    assert load_text(tmp_path, environ=environ).translate.key == "from-outside"
    config = loaded(tmp_path, "{service: deepl, key_file: key}")
    assert config.translate.key == "from-a-file"
    assert "from-a-file" not in repr(config)


def test_what_has_no_effect_is_said(tmp_path: Path) -> None:
    (remark,) = loaded(tmp_path, "{automatic: true}").remarks
    assert "translate.automatic: no service is named; has no effect" in str(remark)


# ── The glossary ─────────────────────────────────────────────────────────────


def test_names_have_one_form_or_several(tmp_path: Path) -> None:
    text = "- {ko: 최룡해, en: Choe  Ryong-hae}\n- {ko: [로동신문, 노동신문], en: Rodong Sinmun}\n"
    policy = load_text(with_glossary(tmp_path, text), SMALL + DEEPL).translate
    assert policy.service is Service.DEEPL
    first, second = policy.glossary.names
    assert first.forms == {"ko": ("최룡해",), "en": ("Choe Ryong-hae",)}
    assert second.forms["ko"] == ("로동신문", "노동신문")


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "[]\n"])
def test_a_glossary_may_be_empty(tmp_path: Path, text: str) -> None:
    assert load_text(with_glossary(tmp_path, text), SMALL + DEEPL).translate.glossary.names == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("최룡해: Choe Ryong-hae\n", "glossary.yaml:1:1: expected a list of names, each on a line such as - {ko:"),
        ("- 최룡해\n", "glossary.yaml:1:3: name 1: expected languages and forms, such as {ko:"),
        ("- {ko: 최룡해}\n", "glossary.yaml:1:3: name 1: expected forms in two languages"),
        ("- {ko: 최룡해, en: Choe, de: Tsche}\n", "glossary.yaml:1:23: name 1.de: unknown key; known here: ko, en"),
        ("- {ko: 최, en: Choe}\n", "glossary.yaml:1:8: name 1.ko: expected a name of 2 to 100 characters, got '최'"),
        (
            "- {ko: 최룡해, en: Choe}\n- {ko: 최룡해, en: Choi}\n",
            "glossary.yaml:2:8: name 2.ko: '최룡해' stands in line 1 already; put all its forms there",
        ),
        ("- {ko: [최룡해, en: Choe}\n", "glossary.yaml:1:"),
        ("- {ko: [최룡해, 최룡해], en: Choe}\n", "name 1.ko: stands in this list twice"),
    ],
)
def test_a_wrong_name_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    problems = problems_of(with_glossary(tmp_path, text), SMALL + DEEPL)
    assert told in problems[0]


def test_a_glossary_that_is_no_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "glossary.yaml").mkdir()
    (problem,) = problems_of(tmp_path, SMALL + DEEPL)
    assert problem == "glossary.yaml: cannot be read: is a directory"
