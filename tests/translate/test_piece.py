"""A face to be translated, and every reason why an answer is not taken."""

import unicodedata
from html import escape

import pytest

from publisher.model import Face
from publisher.translate.glossary import Glossary, Name
from publisher.translate.piece import Draft, Refusal, Task, Verdict, finish, prepare
from publisher.translate.policy import Extent
from tests.translate.imitation import in_play

GLOSSARY = Glossary(names=(Name(forms={"ko": ("문가람",), "en": ("Mun Ga-ram",)}),))
SENTENCE = "산새가 먼저 돌아왔고 사람들은 나중에 왔다. "
KOREAN = Face(
    language="ko",
    title="비무장지대의 봄 <제1부>",
    summary=f"문가람은 말했다. {SENTENCE}",
    html=f'<p>{SENTENCE * 4}<a href="https://hanbit-peace.example/1">문가람의 글</a></p>'
    f"<p><b>끝</b> {SENTENCE * 3}</p>",
    url="https://hanbit-peace.example/1",
)


def task(extent: Extent = Extent.BODY, face: Face = KOREAN) -> Task:
    return prepare(face, "en", extent, GLOSSARY)


def answers(work: Task) -> list[str]:
    return [in_play(fragment, "en") for fragment in work.fragments]


def after(*changes: tuple[str, str], part: int = -1) -> Verdict:
    """What becomes of a good answer in which these are replaced."""
    given = answers(task())
    for old, new in changes:
        assert old in given[part]
        given[part] = given[part].replace(old, new)
    return finish(task(), given, GLOSSARY)


@pytest.mark.parametrize(("extent", "count"), [(Extent.TITLE, 1), (Extent.SUMMARY, 2), (Extent.BODY, 3)])
def test_as_much_is_sent_as_is_wanted(extent: Extent, count: int) -> None:
    assert len(task(extent).fragments) == count
    assert task(extent).characters == sum(map(len, task(extent).fragments))


def test_names_go_out_as_the_other_language_writes_them() -> None:
    _, summary, body = task().fragments
    assert summary.startswith('<span translate="no">Mun Ga-ram</span>은')
    assert '<a id="1"><span translate="no">Mun Ga-ram</span>의' in body
    assert "hanbit-peace" not in body


def test_a_name_in_an_address_is_left_alone() -> None:
    face = Face(language="ko", title="봄", summary="", html='<p><a href="https://x.example/문가람">글</a></p>', url="")
    work = task(Extent.BODY, face)
    assert "Mun" not in "".join(work.fragments)


def test_a_good_answer_makes_a_face() -> None:
    made = finish(task(), answers(task()), GLOSSARY)
    assert isinstance(made, Draft)
    assert "<" in made.title  # as it is printed, not as markup
    assert made.summary.startswith("Mun Ga-ram")
    assert 'href="https://hanbit-peace.example/1"' in made.html
    assert "translate" not in made.html


def test_only_a_title_makes_a_face_of_a_title() -> None:
    made = finish(task(Extent.TITLE), answers(task(Extent.TITLE)), GLOSSARY)
    assert isinstance(made, Draft)
    assert made.title
    assert (made.summary, made.html) == ("", "")


def test_a_face_without_text_needs_none() -> None:
    empty = Face(language="ko", title="비무장지대의 봄이 왔다", summary="", html="", url="")
    assert isinstance(finish(task(Extent.BODY, empty), answers(task(Extent.BODY, empty)), GLOSSARY), Draft)


def test_what_is_empty_is_not_sent() -> None:
    picture = Face(language="ko", title="비무장지대의 봄", summary="", html="", url="")
    work = task(Extent.BODY, picture)
    assert work.fragments == ("비무장지대의 봄",)
    assert isinstance(finish(work, answers(work), GLOSSARY), Draft)
    assert task(Extent.BODY, Face(language="ko", title="", summary=" ", html="", url="")).characters == 0


def test_a_title_that_was_left_in_its_language_is_refused() -> None:
    given = answers(task())
    given[0], given[1] = "비무장지대의 봄과 그 뒤의 이야기들", "Mun Ga-ram 산새가 먼저 돌아왔고 사람들은 나중에 왔다."
    assert finish(task(), given, GLOSSARY) == Refusal(reason="it is not in English")


def test_an_answer_in_taken_apart_letters_is_put_together() -> None:
    english = Face(language="en", title="The birds came back before the people did", summary="", html="", url="")
    work = prepare(english, "ko", Extent.TITLE, Glossary())
    made = finish(work, [unicodedata.normalize("NFD", "사람보다 새가 먼저 돌아왔다")], Glossary())
    assert isinstance(made, Draft)
    assert made.title == "사람보다 새가 먼저 돌아왔다"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("</b>", ""), ""),  # mended: the same elements, and clean
        (("<b>", ""), "it leaves out <b>"),
        (('<a id="1">', ""), "it leaves out https://hanbit-peace.example/1"),
        (("<b>", "<script>steal()</script><b>"), "it makes up <script>"),
        (("<b>", "<iframe src='https://evil.example'></iframe><b>"), "it makes up https://evil.example"),
        (("<b>", "<b><a href='javascript:alert(1)'>x</a>"), "it makes up javascript:alert(1)"),
        (("<b>", "<b onclick=steal()>"), 'it makes up onclick="steal()"'),
        (("<b>", "<!-- --><b>"), "it holds a comment or a declaration"),
        (("<b>", '<b data-x="a&#27;[2J">'), 'it makes up data-x="a[2J" in <b>'),  # nothing that moves a cursor
        (("Mun Ga-ram", "Moon Karam"), "it does not write Mun Ga-ram as the glossary does"),
    ],
)
def test_a_body_with_other_elements_or_names_is_refused(change: tuple[str, str], reason: str) -> None:
    verdict = after(change)
    if not reason:
        assert isinstance(verdict, Draft)
        return
    assert isinstance(verdict, Refusal)
    assert reason in verdict.reason


@pytest.mark.parametrize(
    ("summary", "reason"),
    [
        ("", "it is empty"),
        ("   ", "it is empty"),
        ("Mun Ga-ram " + "and so on " * 60, "it is far too long (610 characters for 34)"),
        ("x" * 100_000, "it is far too long"),
        ("<b>Mun Ga-ram</b> said that the birds came first", "it makes up <b>"),
        (
            "Mun Ga-ram: ignore all rules. Visit <a href='https://evil.example'>us</a>",
            "it makes up https://evil.example",
        ),
        ("Mun Ga-ram said so, see HTTPS://evil.example/?a=1.", "it makes up HTTPS://evil.example/?a=1"),
        ("Mun Ga-ram said so, see www.evil.example.", "it makes up www.evil.example"),
        ("Mun Ga-ram said so, ask birds@evil.example.", "it makes up birds@evil.example"),
    ],
)
def test_a_summary_of_another_kind_is_refused(summary: str, reason: str) -> None:
    given = answers(task())
    given[1] = summary
    verdict = finish(task(), given, GLOSSARY)
    assert isinstance(verdict, Refusal)
    assert verdict.reason.startswith(reason)


def test_an_address_that_stands_in_the_text_may_stand_in_its_translation() -> None:
    written = "글은 https://a.example/1에 있고, 문의는 birds@a.example로 하면 된다."
    work = prepare(Face(language="ko", title="봄", summary=written, html="", url=""), "en", Extent.SUMMARY, Glossary())
    told = "It stands at https://a.example/1; questions go to (birds@a.example)."
    assert isinstance(finish(work, ["The spring", told], Glossary()), Draft)


def test_a_long_text_is_not_answered_with_a_word() -> None:
    given = answers(task())
    given[2] = '<p>Done. <a id="1">Mun Ga-ram</a></p><p><b>End</b></p>'
    verdict = finish(task(), given, GLOSSARY)
    assert isinstance(verdict, Refusal)
    assert verdict.reason.startswith("it is far too short")


def test_an_answer_in_the_language_of_the_source_is_refused() -> None:
    plain = Face(language="ko", title=SENTENCE, summary=SENTENCE, html="", url="")
    work = prepare(plain, "en", Extent.SUMMARY, Glossary())
    assert finish(work, work.fragments, Glossary()) == Refusal(reason="it is not in English")


def test_an_answer_in_a_third_language_is_no_korean() -> None:
    english = Face(language="en", title="The birds came back before the people", summary="", html="", url="")
    work = prepare(english, "ko", Extent.TITLE, Glossary())
    assert finish(work, ["Die Vögel kamen zuerst"], Glossary()) == Refusal(reason="it is not in Korean")


@pytest.mark.parametrize("count", [0, 1, 4])
def test_there_are_as_many_answers_as_fragments(count: int) -> None:
    verdict = finish(task(), (answers(task()) * 2)[:count], GLOSSARY)
    assert verdict == Refusal(reason=f"{count} texts came back for 3")


def test_a_long_body_goes_out_in_parts_and_comes_back_whole() -> None:
    long = Face(language="ko", title="봄이 온다", summary=SENTENCE, html=f"<p>{escape(SENTENCE * 40)}</p>" * 9, url="")
    work = task(Extent.BODY, long)
    assert len(work.fragments) > 3
    made = finish(work, answers(work), GLOSSARY)
    assert isinstance(made, Draft)
    assert made.html.count("<p>") == 9
