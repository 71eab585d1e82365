"""An invented institute, its list, and one edition with every kind of entry a letter must cope with."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

from publisher.digest.corrections import told_of
from publisher.model import (
    Attachment,
    Citation,
    Classification,
    Correction,
    Edition,
    EditionStatus,
    Entry,
    EntryStatus,
    Face,
    MailingList,
    Picture,
    Sender,
    Site,
)

SEOUL = timezone(timedelta(hours=9))
MONDAY = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)  # 09:00 in Seoul


def face(language, title, summary="", html=None, **more):
    return Face(
        language=language,
        title=title,
        summary=summary,
        html=f"<p>{summary}</p>" if html is None else html,
        url="https://board.hanbit.example/bbs/board.php?bo_table=notes&wr_id=1",
        **more,
    )


def entry(number=1, *faces, **more):
    """Entry `number` of the archive, published that many hours before the edition unless said otherwise."""
    published = MONDAY - timedelta(hours=number)
    faces = faces or (face("ko", f"글 {number}", "요약"),)
    facts = {
        "id": number,
        "public_id": f"entry{number:07d}",
        "atom_id": f"tag:hanbit.example,2026:entry{number:07d}",
        "archive": "notes",
        "source_key": str(number),
        "url": f"https://board.hanbit.example/bbs/board.php?bo_table=notes&wr_id={number}",
        "author": None,
        "published_at": published.astimezone(SEOUL),
        "arrived_at": published + timedelta(minutes=5),
        "updated_at": published + timedelta(minutes=5),
        "due_at": published + timedelta(minutes=35),
        "held": None,
        "status": EntryStatus.LIVE,
        "language": faces[0].language,
        "original_language": faces[0].language,
        "categories": (),
        "attachments": (),
        "links": (),
        "citation": Citation(),
        "is_notice": False,
        "faces": {one.language: one for one in faces},
    }
    return Entry(**{**facts, **more})


def korean_only():
    return entry(
        1,
        face(
            "ko",
            "접경 마을의 우물은 누구의 것인가 — 공동 이용 협약 십 년을 돌아보며",
            "강을 사이에 둔 두 마을이 우물을 함께 쓰기로 한 지 십 년이 지났다. 협약이 지켜진 해와 깨어진 해를 나란히 "
            "놓고, 무엇이 이웃을 다시 우물가로 불러 모았는지를 주민 서른두 명의 이야기로 살핀다.",
        ),
        printed_author={"ko": "문가람", "en": "Mun Garam"},
        attachments=(
            Attachment(name="우물협약_십년_보고서.hwp", url="https://board.hanbit.example/d/1", size=1_258_291),
            Attachment(name="wells-data.xlsx", url="https://board.hanbit.example/d/2", size=48_210, needs_session=True),
        ),
    )


def english_only():
    return entry(
        2,
        face(
            "en",
            "“A Bridge Is a Promise”: What Three Ferry Towns Learned from Waiting",
            "When the bridge was closed for a winter, three towns went back to the ferry. Their council minutes show "
            "how a shared timetable became the first agreement both banks had kept since the war.",
        ),
        printed_author={"ko": "오하린", "en": "Harin Oh"},
        citation=Citation(
            outlet="The Riverside Courier",
            date=date(2026, 11, 20),
            url="https://courier.example/opinion/bridge?id=7&p=1",
        ),
    )


def in_both():
    return entry(
        3,
        face(
            "ko",
            "겨울 철새 공동 조사, 올해는 세 나라가 함께",
            "남북과 이웃 나라의 조류학자들이 같은 날 같은 방법으로 철새를 세었다.",
        ),
        face(
            "en",
            "Winter Bird Count Joins Three Countries This Year",
            "Ornithologists on three sides of the border counted cranes on the same day, by the same method.",
        ),
        attachments=(Attachment(name="crane-count-2026.pdf", url="https://board.hanbit.example/d/3", size=734_003),),
    )


def mixed():
    text = "제9회 청년 평화 포럼 안내 / Call for Papers: 9th Youth Peace Forum"
    summary = "발표 신청은 12월 18일까지 받습니다. Proposals are welcome in Korean or English until 18 December."
    return entry(4, face("ko", text, summary), face("en", text, summary), language="mixed", original_language=None)


def corrections():
    """Of No. 9 and No. 11: a title in both languages and a source, and a text in Korean."""
    retitled = entry(
        21,
        face("ko", "나루터의 시간표 — 기다림이 만든 약속", "세 마을의 배 시간표가 하나가 되었다."),
        face("en", "The Ferry Timetable: A Promise Made of Waiting", "Three towns agreed on one timetable."),
        citation=Citation(outlet="The Riverside Courier", date=date(2026, 11, 2)),
    )
    rewritten = entry(22, face("ko", "갈대밭을 지키는 사람들", "갈대밭에는 서른두 종의 새가 산다."))
    before = replace(told_of(retitled), titles={"ko": "나루터의 시간", "en": "Ferry Times"}, source="")
    return (
        Correction(entry=retitled, number=9, dated=MONDAY - timedelta(weeks=3), before=before),
        Correction(
            entry=rewritten,
            number=11,
            dated=MONDAY - timedelta(weeks=1),
            before=replace(told_of(rewritten), texts={"ko": "another"}),
        ),
    )


def edition(*entries, **more):
    facts = {
        "id": 12,
        "list": "weekly",
        "number": 12,
        "status": EditionStatus.DRAFT,
        "window_end": MONDAY,
        "composed_at": MONDAY,
        "touched": False,
        "notes": {},
        "classification": Classification.INFORMATION,
        "classified_by": "default",
        "approved_by": None,
        "approved_at": None,
        "released_at": None,
        "sent_at": None,
        "content_hash": None,
        "entries": entries,
    }
    return Edition(**{**facts, **more})


def mailing_list(**more):
    facts = {"name": "weekly", "titles": {"ko": "한빛 주간 편지", "en": "Hanbit Weekly Letter"}, "archives": ("notes",)}
    return MailingList(**{**facts, **more})


SITE = Site(
    name={"ko": "한빛평화연구원", "en": "Hanbit Peace Institute"},
    url="https://letters.hanbit.example",
    sender=Sender(
        name={"ko": "한빛평화연구원", "en": "Hanbit Peace Institute"},
        email="letters@hanbit.example",
        phone="+82-2-0000-0000",
        address={
            "ko": "서울특별시 한빛구 나루길 12, 3층",
            "en": "3F, 12 Naru-gil, Hanbit-gu, Seoul, Republic of Korea",
        },
    ),
)

NOTES = {
    "ko": "독자 여러분께\n\n첫눈 소식과 함께 열두 번째 편지를 보냅니다. 이번 호는 물가의 이야기를 모았습니다.",
    "en": "Dear readers,\n\nOur twelfth letter arrives with the first snow. We gathered stories from the water’s edge.",
}

KEYS = ("ko", "en", "ko+en", "en+ko")


IMAGE = "https://board.hanbit.example/data/cranes.jpg"


def illustrated():
    """The same with a picture in one entry, and our copy of it."""
    shown = in_both()
    faces = {
        language: replace(one, html=f'{one.html}<img src="{IMAGE}" alt="{alt}">')
        for (language, one), alt in zip(shown.faces.items(), ("강 위의 두루미", "Cranes above the river"), strict=True)
    }
    entries = (korean_only(), english_only(), replace(shown, faces=faces), mixed())
    copy = Picture(hash="c0ffee" * 10 + "beef", type="image/jpeg", width=592, height=333)
    return twelfth(entries=entries), {IMAGE: copy}


def twelfth(**more):
    """No. 12: a note, four entries, namely Korean only, English only, both, mixed; and two corrections."""
    more = {"notes": NOTES, "corrections": corrections(), **more}
    entries = more.pop("entries", None) or (korean_only(), english_only(), in_both(), mixed())
    return edition(*entries, **more)
