from dataclasses import replace
from datetime import timedelta

import pytest

from publisher.digest.select import choose, choose_all, in_order
from publisher.model import Face, Missing, Origin
from tests.digest.samples import MONDAY, english_only, entry, face, in_both, korean_only, mixed


def languages(piece):
    return tuple(face.language for face in piece.faces)


class TestOrder:
    def test_newest_first_by_the_sources_date(self):
        assert [one.id for one in in_order([entry(3), entry(1), entry(2)])] == [1, 2, 3]

    def test_within_one_minute_the_higher_number_is_newer(self):
        same = [entry(number, published_at=MONDAY, source_key=str(number)) for number in (9, 10, 11)]
        assert [one.source_key for one in in_order(same)] == ["11", "10", "9"]

    def test_an_entry_without_a_date_counts_from_its_arrival(self):
        undated = entry(2, published_at=None, arrived_at=MONDAY - timedelta(minutes=90))
        assert [one.id for one in in_order([undated, entry(1)])] == [1, 2]

    def test_the_order_does_not_depend_on_how_they_come(self):
        pieces = [entry(number, published_at=MONDAY, source_key="slug:x") for number in range(5)]
        assert in_order(pieces) == in_order(reversed(pieces))


class TestTheFaceAReaderGets:
    @pytest.mark.parametrize(
        ("make", "key", "faces", "only"),
        [
            (korean_only, "ko", ("ko",), None),
            (korean_only, "en", ("ko",), "ko"),
            (korean_only, "ko+en", ("ko",), "ko"),
            (english_only, "ko", ("en",), "en"),
            (english_only, "en+ko", ("en",), "en"),
            (in_both, "ko", ("ko",), None),
            (in_both, "ko+en", ("ko", "en"), None),
            (in_both, "en+ko", ("en", "ko"), None),
            (mixed, "en", ("en",), None),
            (mixed, "en+ko", ("en",), None),
        ],
    )
    def test_by_language_key(self, make, key, faces, only):
        piece = choose(make(), key, Missing.SHOW)
        assert (languages(piece), piece.only, piece.title_only) == (faces, only, False)

    def test_one_text_under_two_languages_stands_once_even_where_it_is_not_called_mixed(self):
        twice = entry(1, face("ko", "Same", "Text"), face("en", "Same", "Text"))
        assert languages(choose(twice, "ko+en", Missing.SHOW)) == ("ko",)

    def test_a_mixed_piece_with_a_text_of_its_own_in_each_language_gives_both(self):
        versions = face("ko", "시계 (Clocks)", "한동안"), face("en", "시계 (Clocks)", "For a while")
        assert languages(choose(entry(1, *versions, language="mixed"), "en+ko", Missing.SHOW)) == ("en", "ko")

    def test_only_the_title_of_a_foreign_text(self):
        assert choose(english_only(), "ko", Missing.TITLE).title_only

    def test_whoever_reads_the_language_gets_all_of_it(self):
        assert not choose(english_only(), "ko+en", Missing.TITLE).title_only

    def test_omitted_ones_are_left_out_and_the_others_keep_their_order(self):
        pieces = choose_all([korean_only(), english_only(), in_both()], "en", Missing.OMIT)
        assert [piece.entry.id for piece in pieces] == [2, 3]

    def test_a_machine_translation_is_a_face_like_another(self):
        translated: Face = replace(face("ko", "다리는 약속이다"), origin=Origin.MACHINE)
        both = replace(english_only(), faces={**english_only().faces, "ko": translated})
        assert choose(both, "ko", Missing.OMIT).faces == (translated,)
