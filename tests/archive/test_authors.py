"""How the names under a text are printed, also where its two versions are signed differently."""

from dataclasses import replace

import pytest

from publisher.archive.authors import sign
from publisher.model import Entry, Texts
from tests.feeds.example import entry, face
from tests.samples import DIRECTOR

COLUMNS = replace(DIRECTOR, name="columns", authors={"김하늘": {"ko": "김하늘", "en": "Kim Haneul"}})


def signed(author: str | None, **of_faces: str) -> Texts:
    faces = [replace(face(name, "강"), author=of_faces.get(name, author)) for name in ("ko", "en")]
    one: Entry = entry(1, *faces, author=author)
    return sign([one], {"columns": COLUMNS})[0].printed_author


@pytest.mark.parametrize(
    ("author", "english", "printed"),
    [
        ("이바다", "이바다", {"": "이바다"}),
        ("이바다", "Lee Bada", {"": "이바다", "en": "Lee Bada"}),
        ("김하늘", "Haneul Kim", {"ko": "김하늘", "en": "Haneul Kim"}),
        ("이바다", "김하늘", {"": "이바다", "en": "Kim Haneul"}),
        ("이바다", "admin", {"": "이바다"}),
        (None, "Lee Bada", {"en": "Lee Bada"}),
    ],
)
def test_each_version_is_signed_by_its_own_author(author: str | None, english: str, printed: Texts) -> None:
    assert signed(author, en=english) == printed
