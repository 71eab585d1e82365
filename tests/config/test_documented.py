"""The sample, the two pages and the code know the same keys, with the same defaults."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from publisher.config import Config, load, write_sample
from publisher.config.tree import Branch, Leaf, Node, parse
from publisher.errors import ConfigError
from tests.config.house import load_text, problems_of

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "config.yaml"
PAGES = [pytest.param(ROOT / "docs" / name, id=name) for name in ("configuration.md", "configuration.ko.md")]

ROW = re.compile(r"^\| `([a-z_.<>]+)` \| ([^|]*) \| ([^|]+) \| ([^|]*) ?\|$", re.MULTILINE)
NAMES = {"archives": "director", "feeds": "columns", "lists": "weekly"}

OWN = {  # what an institute chooses for itself, so the sample shows an example and no default
    "site.name", "site.url", "site.sender.name", "site.sender.email", "site.sender.phone", "site.sender.address",
    "archives.<name>.kind", "archives.<name>.url", "archives.<name>.name",
    "feeds.<slug>.archives", "feeds.<slug>.categories",
    "lists.<name>.name", "lists.<name>.archives", "lists.<name>.cadence",
}  # fmt: skip
WITHOUT_EXAMPLE = {
    "archives.<name>.database.password",
    "delivery.smtp.password", "delivery.smtp.oauth.client_secret", "delivery.smtp.oauth.refresh_token",
    "translate.key",
    "delivery.bounces.imap.password", "delivery.bounces.mailgun.signing_key",
}  # fmt: skip


def path_of(key: str) -> list[str]:
    """`lists.<name>.late` → the list of the sample, and its key."""
    room, *rest = key.split(".")
    return [room, *(NAMES[room] if part.startswith("<") else part for part in rest)]


def documented(page: Path) -> dict[str, tuple[str, str, str]]:
    """Key → default, meaning and example, as the page has them."""
    rows = ROW.findall(page.read_text(encoding="utf-8"))
    return {
        key: (default.strip(), meaning.strip(), example.strip().strip("`")) for key, default, meaning, example in rows
    }


def sample_values() -> dict[str, Node]:
    """The keys of the sample and what stands there; a text per language is one value."""
    return dict(leaves(parse(SAMPLE.read_bytes(), "config.yaml").root, ()))


def leaves(node: Node, above: tuple[str, ...]) -> list[tuple[str, Node]]:
    if not isinstance(node, Branch) or not node.entries or "ko" in node.entries:
        return [(".".join(above), node)]
    wildcard = {"archives": "<name>", "lists": "<name>", "feeds": "<slug>"}.get(".".join(above))
    return [leaf for name, entry in node.entries.items() for leaf in leaves(entry.node, (*above, wildcard or name))]


def known_keys(folder: Path) -> set[str]:
    """What the loader itself says it knows, in each of the sections that the sample has."""
    sections = {key.rpartition(".")[0] for key in sample_values()}
    inner = {f"{section}." for section in sections}
    found = {f"{section}.{name}" for section in sections for name in known_in(folder, section)}
    return {key for key in found if f"{key}." not in inner}


def known_in(folder: Path, section: str) -> list[str]:
    variable = "__".join(["PUBLISHER_" + path_of(section)[0], *path_of(section)[1:], "QQQ"])
    told = problems_of(folder, SAMPLE.read_text(encoding="utf-8"), {variable: "x"})[0]
    return told.partition("unknown key; known here: ")[2].split(", ")


def plainly(node: Node) -> Any:
    if isinstance(node, Leaf):
        return node.text
    if isinstance(node, Branch):
        return {name: plainly(entry.node) for name, entry in node.entries.items()}
    return [plainly(item) for item in node.nodes]


@pytest.mark.parametrize("page", PAGES)
def test_sample_and_pages_have_every_known_key_and_no_other(tmp_path: Path, page: Path) -> None:
    known = known_keys(tmp_path)
    assert {"delivery.retry.first_wait", "site.sender.email", "lists.<name>.late"} <= known
    assert set(sample_values()) == known
    assert set(documented(page)) == known


@pytest.mark.parametrize("page", PAGES)
def test_every_key_has_a_meaning_and_an_example(page: Path) -> None:
    for key, (_, meaning, example) in documented(page).items():
        assert len(meaning) > 4, key
        assert bool(example) == (key not in WITHOUT_EXAMPLE), key


def test_both_pages_have_the_same_examples_and_defaults() -> None:
    english, korean = (documented(page.values[0]) for page in PAGES)  # type: ignore[arg-type]  # the paths from above
    for key, (default, _, example) in english.items():
        assert korean[key][2] == example, key
        if re.fullmatch("`[^`]+`", default):
            assert korean[key][0] == default, key


def test_every_documented_example_is_a_good_value(tmp_path: Path) -> None:
    (tmp_path / "smtp.secret").write_text("wet paint")
    Image.new("RGB", (300, 60), "navy").save(tmp_path / "logo.png")
    for key, (_, _, example) in documented(ROOT / "docs" / "configuration.md").items():
        if example:
            load_with(tmp_path, key, example.replace("/run/secrets/smtp", "smtp.secret"))


def test_every_documented_default_is_what_one_gets_without_the_key(tmp_path: Path) -> None:
    checked = 0
    for key, (default, _, _) in documented(ROOT / "docs" / "configuration.md").items():
        if re.fullmatch("`[^`]+`", default):
            assert load_with(tmp_path, key, default.strip("`")) == load_with(tmp_path, key, "null"), key
            checked += 1
    assert checked > 30


def test_the_sample_shows_the_documented_defaults() -> None:
    values = sample_values()
    for key, (default, _, _) in documented(ROOT / "docs" / "configuration.md").items():
        if key in OWN:
            continue
        default = default.strip("`") if re.fullmatch("`[^`]+`", default) else "null"
        assert plainly(values[key]) == plainly(parse(f"[{default}]".encode(), "").root)[0], key


def load_with(folder: Path, key: str, written: str) -> Config:
    """A house with two of everything, and this value, written in YAML, at this key."""
    house: dict[str, Any] = {
        "site": {"name": "{en: Hanbit}", "url": "https://x.example", "sender": {"email": "us@hanbit-peace.example"}},
        "archives": {
            "director": {"kind": "gnuboard", "url": "https://x.example/bbs/board.php?bo_table=director"},
            "press": {"kind": "folder", "path": "press"},
        },
        "feeds": {"columns": {}},
        "lists": {"weekly": {"archives": "[director]"}, "monthly": {"archives": "[press]"}},
        "delivery": {"smtp": {"password": "null"}},
    }
    *above, last = path_of(key)
    section = house
    for part in above:
        section = section.setdefault(part, {})
    section[last] = written
    if key == "delivery.smtp.user" or (".password" in key and key.startswith("delivery.")):
        section["user"] = "letters"
    if key == "delivery.bounces.imap.host":
        section |= {"user": "bounces", "password": "wet paint"}
    if key == "translate.service":
        section["key"] = "wet-paint"
    if key.startswith("delivery.smtp.oauth") and written not in {"null", "common"}:
        house["delivery"]["smtp"] |= {"host": "smtp.x.example", "user": "letters@x.example"}
        account = {"provider": "google", "client_id": "hanbit"}
        secret = {} if "refresh_token" in key else {"refresh_token": "wet-paint"}
        section |= {name: text for name, text in {**account, **secret}.items() if name not in section}
    if key == "lists.<name>.profile" and written != "null":
        house["delivery"]["profiles"] = {"relay": {"host": "relay.x.example"}}
    return replace(load_text(folder, block(house)), remarks=())


def block(tree: dict[str, Any], indent: str = "") -> str:
    """The tree as YAML, a key on each line; its texts are YAML already."""
    return "".join(
        f"{indent}{key}: {below}\n" if isinstance(below, str) else f"{indent}{key}:\n{block(below, indent + '  ')}"
        for key, below in tree.items()
    )


# ── The sample itself ────────────────────────────────────────────────────────


def test_the_sample_runs_as_it_stands() -> None:
    config = load(SAMPLE, {})
    assert config.site.name == {"ko": "한빛평화연구소", "en": "Hanbit Peace Institute"}
    assert config.archives["director"].kind == "gnuboard"
    assert config.lists["weekly"].archives == ("director",)
    assert config.remarks == ()


def test_every_value_of_the_sample_has_a_word_beside_it() -> None:
    for line in SAMPLE.read_text(encoding="utf-8").splitlines():
        if re.match(r"\s+\w+: \S", line) and "address:" not in line:
            assert " # " in line, line


def test_init_writes_the_sample_and_a_place_for_templates(tmp_path: Path) -> None:
    written = write_sample(tmp_path / "letters")
    assert written == tmp_path / "letters" / "config.yaml"
    assert written.read_bytes() == SAMPLE.read_bytes()
    assert (tmp_path / "letters" / "templates" / "README").is_file()
    assert load(written, {}).templates == tmp_path / "letters" / "templates"


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("mine")
    with pytest.raises(ConfigError, match=r"config\.yaml: is there already and was left as it is"):
        write_sample(tmp_path)
    assert (tmp_path / "config.yaml").read_text() == "mine"
    assert [file.name for file in tmp_path.iterdir()] == ["config.yaml"]


def test_init_says_when_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot be written: not a directory"):
        write_sample(tmp_path / "file" / "letters")
