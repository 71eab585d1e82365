"""What a reader finds in a letter, and what nobody can smuggle into one."""

import re
from dataclasses import replace
from datetime import date
from html import unescape
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.digest.render import compose_letters, content_hash, letter_hash, web_view
from publisher.digest.select import in_order
from publisher.errors import NotFound
from publisher.model import Attachment, Citation, Classification, Entry, Letter, Missing, Origin, Sender, Slot, fill
from tests.digest.samples import (
    KEYS,
    NOTES,
    SITE,
    edition,
    english_only,
    entry,
    face,
    in_both,
    korean_only,
    mailing_list,
    mixed,
    twelfth,
)

ADDRESS = "https://letters.hanbit.example/unsubscribe/abc-DEF_123"
CHOICES = "https://letters.hanbit.example/preferences/abc-DEF_123"


def letters(one, site=SITE, **list_changes):
    return compose_letters(one, mailing_list(**list_changes), site, KEYS)


def letter(one, key="ko", **list_changes) -> Letter:
    return letters(one, **list_changes)[key]


def html(one):
    return fill(one.html, {Slot.UNSUBSCRIBE: ADDRESS, Slot.PREFERENCES: CHOICES})


def text(one):
    return fill(one.text, {Slot.UNSUBSCRIBE: ADDRESS, Slot.PREFERENCES: CHOICES})


def both_bodies(one):
    return html(one), text(one)


def place(body, *pieces):
    """Where each piece stands; fails when one is missing."""
    return [body.index(piece) for piece in pieces]


class TestSubject:
    def test_it_names_the_first_title_and_counts_the_others(self):
        one = edition(*[entry(number) for number in range(1, 6)])
        assert letter(one, "ko").subject == "제12호 · 글 1 외 4건"
        assert letter(edition(english_only(), in_both()), "en").subject == (
            "No. 12 · “A Bridge Is a Promise”: What Three Ferry Towns Learned from Waiting and 1 more"
        )

    def test_one_entry_has_no_others(self):
        assert letter(edition(entry(1))).subject == "제12호 · 글 1"

    def test_it_names_a_title_that_the_reader_can_read(self):
        one = edition(english_only(), in_both())
        assert letter(one, "ko").subject == "제12호 · 겨울 철새 공동 조사, 올해는 세 나라가 함께 외 1건"
        assert letter(one, "en+ko").subject.startswith("No. 12 · “A Bridge")

    def test_a_foreign_title_stands_where_there_is_no_other(self):
        assert letter(edition(korean_only()), "en").subject.startswith("No. 12 · 접경 마을의 우물은")

    def test_an_edition_that_is_only_a_note_takes_its_first_line(self):
        assert letter(edition(notes=NOTES), "en+ko").subject == "No. 12 · Dear readers,"

    @pytest.mark.parametrize(
        "one",
        [
            edition(entry(1, face("ko", "접경 마을의 우물은 누구의 것인가 " * 9)), entry(2)),
            edition(notes={"ko": "이번 호는 물가의 이야기를 모았습니다. " * 30}),
        ],
        ids=["title", "note"],
    )
    def test_what_is_longer_than_anybody_reads_is_cut(self, one):
        subject = letter(one).subject
        assert "…" in subject
        assert len(subject) < 120
        assert subject.endswith("… 외 1건" if one.entries else "…")

    def test_omitted_entries_are_not_counted(self):
        one = edition(korean_only(), english_only(), in_both())
        assert letter(one, "en", missing=Missing.OMIT).subject.endswith("Learned from Waiting and 1 more")

    @given(st.text(max_size=60))
    @settings(max_examples=30, deadline=None)
    def test_it_is_one_line_whatever_the_title(self, title):
        subject = letter(edition(entry(1, face("ko", title)))).subject
        assert len(subject.splitlines()) == 1
        assert "  " not in subject

    def test_a_header_cannot_be_smuggled_in(self):
        subject = letter(edition(entry(1, face("ko", "제목\r\nBcc: everyone@example.com")))).subject
        assert subject == "제12호 · 제목 Bcc: everyone@example.com"

    @pytest.mark.parametrize("title", ["강연회", "(광고) 강연회", "(광고)(광고)강연회"])
    @pytest.mark.parametrize("key", KEYS)
    def test_advertising_is_labelled_first_and_once(self, title, key):
        one = edition(entry(1, face("ko", title)), classification=Classification.ADVERTISING)
        subject = letter(one, key).subject
        assert subject.startswith("(광고) ")
        assert subject.count("(광고)") == 1

    def test_a_subject_that_is_nothing_but_the_label_ends_with_it(self):
        one = edition(entry(1), classification=Classification.ADVERTISING, subjects={"ko": "(광고)"})
        assert letter(one).subject == "(광고)"

    def test_information_is_not_labelled(self):
        assert "광고" not in letter(twelfth()).subject


class TestTheTwoFaces:
    def test_a_missing_face_falls_back_under_a_mark_in_both_languages(self):
        for body in both_bodies(letter(edition(english_only()), "ko")):
            assert "A Bridge Is a Promise" in body
            assert "When the bridge was closed" in body
        assert "[영어 원문만 있습니다 · English only]" in text(letter(edition(english_only()), "ko"))
        assert '<span lang="ko">영어 원문만 있습니다</span>' in html(letter(edition(english_only()), "ko"))
        assert '<span lang="en">English only</span>' in html(letter(edition(english_only()), "ko"))

    def test_the_mark_speaks_the_readers_language_first(self):
        assert "[Korean only · 한국어 원문만 있습니다]" in text(letter(edition(korean_only()), "en"))

    def test_a_letter_in_two_languages_has_both_in_the_readers_order(self):
        for body in both_bodies(letter(edition(in_both()), "ko+en")):
            korean, english = place(body, "철새를 세었다", "counted cranes")
            assert korean < english
        for body in both_bodies(letter(edition(in_both()), "en+ko")):
            korean, english = place(body, "철새를 세었다", "counted cranes")
            assert english < korean

    def test_a_letter_in_one_language_has_one(self):
        for body in both_bodies(letter(edition(in_both()), "en")):
            assert "철새" not in body

    def test_a_mixed_text_stands_once_and_without_a_mark(self):
        one = letter(edition(mixed(), entry(5)), "ko+en")
        for body in both_bodies(one):
            assert body.count("Proposals are welcome") == 1
            assert body.count("원문만") == text(one).count("원문만") == 1  # the other entry's

    def test_only_the_title_where_the_list_says_so(self):
        for body in both_bodies(letter(edition(english_only()), "ko", missing=Missing.TITLE)):
            assert "A Bridge Is a Promise" in body
            assert "When the bridge was closed" not in body
            assert "영어 원문만 있습니다" in body

    def test_a_reader_with_nothing_left_gets_no_letter(self):
        assert set(letters(edition(english_only()), missing=Missing.OMIT)) == {"en", "ko+en", "en+ko"}

    def test_an_edition_with_nothing_in_it_makes_no_letter(self):
        assert letters(edition(notes={"ko": " \n "})) == {}

    def test_a_machine_translation_is_called_one(self):
        translated = replace(face("ko", "다리는 약속이다", "겨울"), origin=Origin.MACHINE)
        both = replace(english_only(), faces={**english_only().faces, "ko": translated})
        assert "[기계 번역 · Machine translation]" in text(letter(edition(both), "ko"))
        assert "Machine translation" not in text(letter(edition(both), "en"))

    def test_the_subject_names_a_machines_title_only_where_there_is_no_other(self):
        translated = replace(face("ko", "기계의 제목", "겨울"), origin=Origin.MACHINE)
        machine = replace(english_only(), faces={**english_only().faces, "ko": translated})
        alone, among = edition(machine), edition(machine, replace(twelfth().entries[0], id=77))
        assert "기계의 제목" in letter(alone, "ko").subject
        assert "기계의 제목" not in letter(among, "ko").subject

    def test_beside_its_source_the_machines_side_has_the_mark(self):
        """Above both it would read as if the original were the translation."""
        translated = replace(face("ko", "다리는 약속이다", "겨울"), origin=Origin.MACHINE)
        both = replace(english_only(), faces={**english_only().faces, "ko": translated})
        for key in ("en+ko", "ko+en"):
            for body in (html(letter(edition(both), key)), text(letter(edition(both), key))):
                assert body.count("기계 번역") == 1
                between = body[body.index("기계 번역") : body.index("다리는 약속이다", body.index("기계 번역"))]
                assert "When the bridge was closed" not in between

    @pytest.mark.parametrize(("key", "language"), [("ko", "ko"), ("en+ko", "en")])
    def test_the_document_says_its_language(self, key, language):
        assert f'<html lang="{language}"' in html(letter(twelfth(), key))

    def test_foreign_words_say_theirs(self):
        assert re.search(r'<h2 [^>]*lang="en"[^>]*><a [^>]*>“A Bridge', html(letter(twelfth(), "ko")))
        assert re.search(r'<p [^>]*lang="ko"[^>]*>오하린', html(letter(twelfth(), "ko")))


class TestNotes:
    def test_each_reader_gets_the_note_in_their_language(self):
        assert "독자 여러분께" in text(letter(twelfth(), "ko"))
        assert "Dear readers" not in text(letter(twelfth(), "ko"))

    def test_whoever_reads_two_gets_both(self):
        english, korean = place(text(letter(twelfth(), "en+ko")), "Dear readers", "독자 여러분께")
        assert english < korean

    def test_a_note_in_one_language_is_shown_under_its_mark(self):
        body = text(letter(edition(notes={"ko": "설 인사 드립니다."}), "en"))
        assert "[Korean only · 한국어 원문만 있습니다]\n설 인사 드립니다." in body

    def test_a_foreign_note_is_omitted_where_entries_are(self):
        assert "en" not in letters(edition(notes={"ko": "설 인사 드립니다."}), missing=Missing.OMIT)

    def test_its_lines_and_paragraphs_stay(self):
        body = html(letter(edition(notes={"ko": "하나\n둘\n\n셋"})))
        assert re.search(r">하나<br\s*/?>둘</p>", body)


class TestWhatAnEntrySays:
    def test_author_outlet_and_the_outlets_date(self):
        for body in both_bodies(letter(edition(english_only()), "en")):
            assert "Harin Oh · The Riverside Courier · 20 Nov 2026" in body

    def test_an_author_who_is_not_printed_stays_unnamed(self):
        hidden = entry(1, author="최고관리자", printed_author={})
        assert all("최고관리자" not in body for one in letters(edition(hidden)).values() for body in both_bodies(one))

    def test_its_title_leads_to_our_page_in_the_readers_language(self):
        assert 'href="https://letters.hanbit.example/ko/entries/entry0000002"' in html(letter(twelfth(), "ko"))
        assert "https://letters.hanbit.example/en/entries/entry0000002\n" in text(letter(twelfth(), "en"))

    def test_the_original_is_linked(self):
        assert "https://courier.example/opinion/bridge?id=7&p=1\n" in text(letter(twelfth()))
        assert 'href="https://courier.example/opinion/bridge?id=7&amp;p=1"' in html(letter(twelfth()))

    def test_an_attachment_tells_its_kind_and_size(self):
        assert "우물협약_십년_보고서.hwp (한글 문서, 1.2 MB)" in text(letter(twelfth(), "ko"))
        english = " ".join(text(letter(twelfth(), "en")).split())
        assert "우물협약_십년_보고서.hwp (Korean word processor document, 1.2 MB)" in english
        assert "crane-count-2026.pdf (PDF document, 717 KB)" in english

    @pytest.mark.parametrize(
        ("url", "needs_session", "leads_to"),
        [
            ("https://board.example/data/map.pdf", False, "https://board.example/data/map.pdf"),
            ("https://board.example/bbs/download.php?no=0", True, entry(1).url),
            ("javascript:alert(1)", False, f"/ko/entries/{entry(1).public_id}"),
        ],
    )
    def test_an_attachment_leads_to_itself_or_where_it_can_be_had(self, url, needs_session, leads_to):
        file = Attachment(name="map.pdf", url=url, needs_session=needs_session)
        (href,) = re.findall(
            r'href="([^"]*)"[^>]*>map\.pdf', html(letter(edition(entry(1, attachments=(file,))), "ko"))
        )
        assert unescape(href).endswith(leads_to)

    def test_attachments_stand_in_a_letter_of_two_columns_too(self):
        assert html(letter(edition(in_both()), "ko+en")).count("crane-count-2026.pdf") == 1

    def test_an_attachment_of_unknown_kind_and_size_is_a_file(self):
        odd = entry(1, attachments=(Attachment(name="README", url="https://x.example"),))
        assert "- README (File)" in text(letter(edition(odd), "en"))

    def test_an_entry_without_a_title_can_still_be_opened(self):
        assert ">제목 없음</a>" in html(letter(edition(entry(1, face("ko", "\u00a0")))))


class TestEveryLetter:
    @pytest.mark.parametrize("key", KEYS)
    def test_tells_in_korean_and_english_who_writes_and_how_to_refuse(self, key):
        for body in both_bodies(letter(twelfth(), key)):
            for said in ("보낸 곳: 한빛평화연구원", "이메일: letters@hanbit", "전화: +82-2", "주소: 서울특별시"):
                assert said in body
            for said in ("Sender: Hanbit Peace", "E-mail: letters@hanbit", "Phone: +82-2", "Address: 3F"):
                assert said in body
            assert "수신거부" in body
            assert "Unsubscribe" in body
            assert body.count(ADDRESS) == 2

    @pytest.mark.parametrize("key", KEYS)
    def test_names_list_number_date_and_its_page(self, key):
        one = letter(twelfth(), key)
        first = key[:2]
        expected = {
            "ko": ("한빛 주간 편지", "제12호", "2026년 11월 23일 (월)"),
            "en": ("Hanbit", "No. 12", "Monday, 23"),
        }
        for body in both_bodies(one):
            assert all(said in body for said in expected[first])
            assert f"https://letters.hanbit.example/{first}/editions/weekly/12" in body

    def test_offers_the_other_language(self):
        body = text(letter(twelfth(), "ko"))
        note = re.search(r"Read this edition in English (\[\d+\])\n", body)[1]
        assert f"\n{note} https://letters.hanbit.example/en/editions/weekly/12\n" in body

    def test_offers_no_other_language_that_has_no_letter(self):
        one = edition(korean_only())
        assert "Read this edition in English" in text(letter(one, "ko"))
        for body in both_bodies(letter(one, "ko", missing=Missing.OMIT)):
            assert "Read this edition" not in body
            assert "/en/editions/" not in body

    def test_of_two_languages_has_an_address_of_its_own(self):
        assert "/ko/editions/weekly/12?letter=ko%2Ben" in text(letter(twelfth(), "ko+en"))

    def test_copes_with_a_sender_who_is_not_configured(self):
        one = letters(twelfth(), site=replace(SITE, sender=Sender()))["en"]
        assert "Sender: Hanbit Peace Institute\n" in text(one)
        assert "Phone" not in text(one)

    @pytest.mark.parametrize("key", KEYS)
    def test_of_twenty_entries_is_below_the_size_where_gmail_cuts(self, key):
        kinds = (korean_only(), english_only(), in_both(), mixed())
        long = [
            replace(one, faces={name: replace(f, summary=(f.summary + " ") * 2) for name, f in one.faces.items()})
            for one in kinds
        ]
        assert len(web_view(letter(edition(*long * 5, notes=NOTES), key), ADDRESS, ADDRESS).encode()) < 95_000

    def test_of_twenty_long_pairs_is_below_it_too(self):
        long = replace(
            in_both(),
            faces={
                "ko": face("ko", "접경 마을의 우물은 " * 3, "협약이 지켜진 해와 " * 20),
                "en": english_only().faces["en"],
            },
            attachments=korean_only().attachments,
            citation=english_only().citation,
        )
        assert len(html(letter(edition(*[long] * 20, notes=NOTES), "ko+en")).encode()) < 95_000

    @pytest.mark.parametrize("key", KEYS)
    def test_fetches_nothing_and_tracks_nobody(self, key):
        body = html(letter(twelfth(), key))
        assert not re.search(r"<(img|link|script|iframe|object|form)\b|@import|url\(|\ssrc=|background=", body)

    @pytest.mark.parametrize("key", KEYS)
    def test_has_tables_for_layout_only(self, key):
        tables = re.findall(r"<table\b[^>]*>", html(letter(twelfth(), key)))
        assert tables
        assert all('role="presentation"' in table for table in tables)

    def test_has_short_lines_in_its_text(self):
        long = entry(
            1, face("ko", "가" * 5000, "나다 " * 3000), citation=Citation(url="https://x.example/" + "a" * 5000)
        )
        lines = text(letter(edition(long))).splitlines()
        assert max(len(line.encode()) for line in lines) <= 998

    def test_keeps_the_order_of_the_edition(self):
        one = edition(*in_order([entry(number) for number in (3, 1, 2)]))
        assert place(text(letter(one)), "1. 글 1", "2. 글 2", "3. 글 3") == sorted(
            place(text(letter(one)), "1. 글 1", "2. 글 2", "3. 글 3")
        )


HOSTILE = "<script>alert(1)</script>{{ 7*7 }}{% raw %}<mj-include path='x'/></mj-text></mjml>&amp;<!-- unsubscribe"


class TestStrangersText:
    def test_is_text_wherever_it_stands(self):
        strange = entry(
            1,
            face("ko", HOSTILE, HOSTILE),
            printed_author={"ko": HOSTILE},
            attachments=(Attachment(name=HOSTILE, url="x"),),
            citation=Citation(outlet=HOSTILE, url="javascript:alert(1)"),
        )
        body = html(letter(edition(strange, entry(2, face("ko", HOSTILE)), notes={"ko": HOSTILE})))
        assert "<script" not in body
        assert "javascript:" not in body
        assert "49" not in re.sub(r"<[^>]*>", "", body.partition("<body")[2])
        assert body.count("&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}{% raw %}") >= 5
        assert body.count("</html>") == 1

    @given(st.text(st.characters(codec="utf-8"), max_size=80))
    @settings(max_examples=30, deadline=None)
    def test_never_breaks_a_letter(self, anything):
        strange = entry(1, face("ko", anything, anything), attachments=(Attachment(name=anything, url=anything),))
        assert html(letter(edition(strange, notes={"ko": anything}))).endswith("</html>")

    def test_cannot_open_a_slot(self):
        """The mark is another one at each rendering: a text that holds one that was seen says nothing."""
        forged = "unsubscribe-" + "0" * 32
        one = letter(
            edition(entry(1, face("ko", f"{forged} {Slot.UNSUBSCRIBE}", f"{{{{ unsubscribe_url }}}} {forged}")))
        )
        assert sum(isinstance(piece, Slot) for piece in one.html) == 4
        assert sum(isinstance(piece, Slot) for piece in one.text) == 4
        assert forged in html(one)


class TestHash:
    def test_the_same_edition_makes_the_same_letters(self):
        assert letters(twelfth()) == letters(twelfth())
        assert content_hash(letters(twelfth())) == content_hash(letters(twelfth()))

    def test_it_does_not_depend_on_the_order_in_which_letters_are_kept(self):
        all_of_them = letters(twelfth())
        assert content_hash(dict(reversed(all_of_them.items()))) == content_hash(all_of_them)

    def test_every_part_counts(self):
        one = letter(twelfth())
        variants = [
            replace(one, subject=one.subject + " "),
            replace(one, text=(*one.text[:-1], one.text[-1] + " ")),
            replace(one, html=(*one.html[:-1], one.html[-1] + " ")),
            replace(one, language_key="en"),
            replace(one, text=("unsubscribe",)),
            replace(one, text=(Slot.UNSUBSCRIBE,)),
        ]
        assert len({letter_hash(variant) for variant in [one, *variants]}) == len(variants) + 1

    def test_the_web_page_is_the_letter(self):
        one = letter(twelfth())
        page = web_view(one, "https://letters.hanbit.example/u?list=a&b", "https://letters.hanbit.example/p?a&b")
        links = {
            Slot.UNSUBSCRIBE: "https://letters.hanbit.example/u?list=a&amp;b",
            Slot.PREFERENCES: "https://letters.hanbit.example/p?a&amp;b",
        }
        assert page == fill(one.html, links)


# ── Two versions, two originals ──────────────────────────────────────────────


def two_versions(korean: str, english: str) -> Entry:
    """An entry whose faces appeared first in two outlets, at these addresses."""
    cited = {
        "ko": Citation(outlet="나루신문", date=date(2026, 11, 20), url=korean),
        "en": Citation(outlet="The Naru Review", date=date(2026, 11, 21), url=english),
    }
    titles = {"ko": "다리 위의 겨울", "en": "Winter on the bridge"}
    return entry(1, *(face(name, titles[name], "Text", citation=cited[name]) for name in cited), citation=cited["ko"])


@pytest.mark.parametrize("key", ["ko+en", "en+ko"])
def test_each_face_names_its_own_outlet_and_original(key):
    one = letter(edition(two_versions("https://naru.example/1", "https://naru.example/en/1")), key)
    for outlet in ("나루신문", "The Naru Review"):
        assert outlet in text(one)
    assert sorted(link for link in text(one).split() if "naru.example" in link) == [
        "https://naru.example/1",
        "https://naru.example/en/1",
    ]
    assert place(html(one), 'href="https://naru.example/1"', 'href="https://naru.example/en/1"')


def test_one_original_of_both_faces_is_named_once():
    one = letter(edition(two_versions("https://naru.example/1", "https://naru.example/1")), "ko+en")
    assert text(one).count("https://naru.example/1") == 1


WISHES = [f"{language}:{wish}" for language in ("ko", "en") for wish in Missing]


class TestWishes:
    """What a reader of one language wishes of entries that are not in it."""

    def test_a_wish_is_what_the_list_would_do_with_that_setting(self):
        one = edition(korean_only(), english_only(), in_both(), notes={"ko": "설 인사"})
        for usual, wish in product(Missing, Missing):
            wished = compose_letters(one, mailing_list(missing=usual), SITE, [f"en:{wish}"])[f"en:{wish}"]
            assert without_page(wished) == without_page(letter(one, "en", missing=wish))

    def test_each_leads_to_its_own_page_and_to_the_lists_own_letter_in_the_other_language(self):
        one = edition(korean_only(), english_only())
        wished = compose_letters(one, mailing_list(), SITE, ["ko:omit"])["ko:omit"]
        for body in both_bodies(wished):
            assert f"{SITE.url}/ko/editions/weekly/12?letter=ko%3Aomit" in body
            assert f"{SITE.url}/en/editions/weekly/12" in body
            assert "en%3A" not in body

    def test_an_entry_that_is_left_out_has_nothing_to_cover(self):
        wished = compose_letters(edition(korean_only(), english_only()), mailing_list(), SITE, ["ko:omit"])["ko:omit"]
        assert wished.covers[english_only().public_id] == ()
        assert wished.covers[korean_only().public_id] != ()

    @pytest.mark.parametrize("key", ["ko:", "ko:all", "ko+en:omit", "ko:omit:omit"])
    def test_what_is_no_wish_names_no_letter(self, key):
        with pytest.raises(NotFound, match="a wish is show or title or omit, after one language"):
            compose_letters(edition(entry(1)), mailing_list(), SITE, [key])

    @settings(max_examples=8)
    @given(
        entries=st.sets(st.sampled_from([korean_only, english_only, in_both, mixed])),
        note=st.sampled_from([{}, {"ko": "설 인사"}, NOTES]),
        usual=st.sampled_from(Missing),
        wishes=st.sets(st.sampled_from(WISHES), max_size=2),
    )
    def test_without_wishes_nothing_changes(self, entries, note, usual, wishes):
        one = edition(*in_order(make() for make in entries), notes=note)
        plain = letters(one, missing=usual)
        beside = compose_letters(one, mailing_list(missing=usual), SITE, [*KEYS, *wishes])
        assert {key: beside[key] for key in beside if key not in wishes} == plain


def without_page(one: Letter) -> tuple[str, str, str]:
    """What it says, without the address of its page and the marks by which it is covered."""
    page = re.compile(r"\?letter=en%3A[a-z]+")
    return one.subject, page.sub("", text(one)), page.sub("", html(one))
