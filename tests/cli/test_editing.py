"""The editor's own words: notes, subjects, and what they void."""

from pathlib import Path

import pytest

from tests.cli.institute import Institute, address_of


def drafted(institute: Institute) -> None:
    institute.run("ingest")
    institute.enlist()
    institute.board.publish_more()
    institute.run("ingest")
    institute.run("compose", "weekly")


def note(institute: Institute, name: str, text: str, charset: str = "utf-8") -> str:
    (institute.folder / name).write_bytes(text.encode(charset))
    return name


def preview(institute: Institute, number: int, key: str) -> str:
    file = institute.folder / "letter.txt"
    institute.run("preview", "weekly", str(number), "--language", key, "--out", str(file))
    return file.read_text(encoding="utf-8")


def test_a_subject_of_ones_own_stands_in_its_language_and_voids_the_approval(institute: Institute) -> None:
    drafted(institute)
    usual = institute.ask("edit", "weekly", "1", "--subject", "먼저", "--language", "ko")
    assert usual["subjects"] == {"ko": "먼저"}
    institute.run("approve", "weekly", "1")
    told = institute.run("edit", "weekly", "1", "--subject", "물가의\n  이야기")
    assert "it waits for approval" in told
    assert "subject (ko): 물가의 이야기" in told
    shown = institute.ask("show", "weekly", "1")
    assert (shown["status"], shown["subjects"]) == ("draft", {"ko": "물가의 이야기"})
    institute.run("send", "weekly", "--yes")
    letters = institute.mail.letters()
    assert letters[address_of("ko+en")]["Subject"] == "물가의 이야기"
    assert letters[address_of("en")]["Subject"].startswith("No. 1 · ")


def test_an_empty_subject_brings_the_usual_one_back(institute: Institute) -> None:
    drafted(institute)
    institute.run("edit", "weekly", "1", "--subject", "잠깐")
    assert institute.ask("edit", "weekly", "1", "--subject", "")["subjects"] == {}


def test_a_note_goes_before_the_entries_and_stays_when_more_arrives(institute: Institute) -> None:
    drafted(institute)
    institute.run("edit", "weekly", "1", "--note", note(institute, "n.ko.md", "독자께\n\n**첫눈**입니다."))
    institute.run("edit", "weekly", "1", "--note", note(institute, "n.en.md", "Dear readers"))
    text = preview(institute, 1, "ko+en")
    assert text.index("첫눈입니다.") < text.index("Dear readers") < text.index("1. ")
    assert institute.ask("compose", "weekly")["notes"] == {"ko": "독자께\n\n**첫눈**입니다.", "en": "Dear readers"}
    assert institute.ask("edit", "weekly", "1", "--no-note")["notes"] == {}


@pytest.mark.parametrize("options", [[], ["--unnumbered"]])
def test_an_edition_of_nothing_but_a_note_goes_out_and_leaves_the_entries(
    institute: Institute, options: list[str]
) -> None:
    institute.run("ingest")
    institute.enlist()
    institute.board.publish_more()
    institute.run("ingest")
    greeting = note(institute, "greeting.md", "# 새해 인사\n\n새해 복 많이 받으십시오.", "cp949")
    made = institute.ask("compose", "weekly", "--note", greeting, *options)
    number, is_numbered = made["number"], not options
    assert (made["entries"], number == 1, number > 20_000_000) == ([], is_numbered, not is_numbered)
    institute.run("send", "weekly", "--yes")
    letter = institute.mail.letters()[address_of("ko")]
    assert letter["Subject"] == ("제1호 · 새해 인사" if is_numbered else "새해 인사")
    body = letter.get_body(("plain",))
    assert body is not None
    assert str(number) not in body.get_content().partition("===")[0] or is_numbered
    assert institute.ask("compose", "weekly")["number"] == (2 if is_numbered else 1), "a day takes no number away"


def test_two_on_one_day_have_different_numbers(institute: Institute) -> None:
    institute.enlist()
    numbers = []
    for text in ("하나", "둘", "셋"):
        made = institute.ask("compose", "weekly", "--unnumbered", "--note", note(institute, "n.md", text))
        numbers.append(str(made["number"]))
        institute.run("send", "weekly", "--yes")
    first = numbers[0]
    assert numbers == [first, f"{first}02", f"{first}03"]
    assert preview(institute, int(numbers[2]), "ko").startswith("주간")


def test_an_open_draft_comes_first(institute: Institute) -> None:
    drafted(institute)
    told = institute.run("compose", "weekly", "--note", note(institute, "n.md", "글"), code=1)
    assert "weekly No. 1 is open already" in told
    assert "publisher edit weekly 1 --note FILE" in told


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"n.md": b""}, "n.md: nothing is written in it"),
        ({"n.md": b"\xff\xfe\x00"}, "n.md: not a text; save it as UTF-8"),
        ({"n.md": ("가" * 10_001).encode()}, "10,001 characters; a note has at most 10,000"),
        ({"a.ko.md": "하나".encode(), "b.md": "둘".encode()}, "b.md: there is a note in 'ko' already"),
        ({"n.md": ("가나다 " * 40 + "many English words " * 20).encode()}, "note.ko.md and note.en.md"),
    ],
)
def test_a_file_that_is_no_note_is_named_with_what_to_do(
    institute: Institute, files: dict[str, bytes], says: str
) -> None:
    words = []
    for name, content in files.items():
        (institute.folder / name).write_bytes(content)
        words += ["--note", name]
    assert says in institute.run("compose", "weekly", *words, code=1)


def test_what_is_released_is_not_changed_any_more(institute: Institute) -> None:
    drafted(institute)
    institute.run("send", "weekly", "--yes")
    assert "only a draft or approved edition can be changed" in institute.run(
        "edit", "weekly", "1", "--subject", "zu spät", code=1
    )


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ([], 2, "say what to change"),
        (["--subject", "x", "--language", "fr"], 2, "--language is one of ko, en"),
        (["--subject", "x" * 201], 1, "the subject has 201 characters"),
        (["--note", "missing.md"], 2, "does not exist"),
    ],
)
def test_a_wrong_word_is_answered(institute: Institute, words: list[str], code: int, says: str) -> None:
    drafted(institute)
    assert says in institute.run("edit", "weekly", "1", *words, code=code)


def test_an_edition_keeps_the_one_thing_it_holds(institute: Institute) -> None:
    institute.run("compose", "weekly", "--note", note(institute, "n.md", "글"))
    assert "nothing but its note" in institute.run("edit", "weekly", "1", "--no-note", code=1)


class TestTemplatesOfOnesOwn:
    def put(self, folder: Path, name: str, content: str) -> None:
        file = folder / "templates" / "email" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")

    def test_one_that_fails_on_a_long_edition_only_is_found_by_check(self, institute: Institute) -> None:
        self.put(institute.folder, "digest/subject.txt", "\n{{ letter.more // (letter.more == 0) }}")
        told = institute.run("check", code=1)
        assert "email/digest/subject.txt, line 2: " in told
        assert "no letter that needs it goes out before" in told

    def test_a_broken_one_stops_the_release_whole_and_no_other_letter(self, institute: Institute) -> None:
        drafted(institute)
        institute.run("approve", "weekly", "1")
        self.put(institute.folder, "digest/body.txt", "\n\n{{ letter.titel }}")
        told = institute.run("release", "weekly", "1", code=1)
        assert "email/digest/body.txt, line 3: " in told
        assert institute.ask("show", "weekly", "1")["account"]["recipients"] == 0
        check = institute.run("check", code=1)
        assert check.count("email/digest/body.txt, line 3") == 1
        config = institute.folder / "config.yaml"
        words = config.read_text(encoding="utf-8").replace("  weekly:\n", "  weekly:\n    design: titles\n")
        config.write_text(words, encoding="utf-8")
        institute.run("send", "weekly", "--yes")
        assert len(institute.mail.letters()) == 4, "another design needs that file not"

    def test_a_mistyped_name_is_pointed_out(self, institute: Institute) -> None:
        self.put(institute.folder, "digest/boddy.mjml", "x")
        assert "takes the place of no template of ours" in " ".join(institute.run("check").split())
