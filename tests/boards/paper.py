"""
A board on paper: invented posts, drawn as small pages in the mould of the skins, no network.

`PaperBoard` stands in for the fetcher of a source, so a crawl can be tried
against a board that changes between two reads.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from html import escape
from urllib.parse import parse_qsl, urlsplit

from publisher.errors import FetchError
from publisher.net import Fetcher, Page

ROOT = "https://board.hanbit-peace.example"
URL = f"{ROOT}/bbs/board.php?bo_table=director"
GONE = "글이 존재하지 않습니다.\\n\\n글이 삭제되었거나 이동된 경우입니다."
MEMBERS = "글을 읽을 권한이 없습니다.\\n\\n회원이시라면 로그인 후 이용해 보십시오."


@dataclass(frozen=True, kw_only=True)
class PaperPost:
    """A post; a reply stands right behind `reply_to` in the board's own order."""

    number: int
    title: str = ""
    body: str = "<p>강을 사이에 둔 두 마을의 이야기.</p>"
    written: str = "2025-11-03 09:15:27"
    author: str = "자료실 담당"
    category: str = ""
    is_notice: bool = False
    is_secret: bool = False
    has_file: bool = False
    reply_to: int | None = None
    slug: str = ""


def post(number: int, **facts: object) -> PaperPost:
    day = f"2025-11-{1 + number % 28:02}"
    return replace(
        PaperPost(number=number, title=f"{number}번째 글", written=f"{day} 09:15:27"),
        **facts,  # type: ignore[arg-type]  # tests name only real fields
    )


class PaperBoard(Fetcher):
    """
    The board `director`, as a fetcher that never leaves the test.

    Change `posts`, `rss`, `members_only`, `by_title` between two reads; `pages` and
    `statuses` replace single answers; `asked` is
    what was requested, without the site's address. The fetcher's own start, which
    prepares connections, is left out.
    """

    def __init__(self, posts: Iterable[PaperPost], *, page_rows: int = 15) -> None:
        self.posts = {post.number: post for post in posts}
        self.page_rows = page_rows
        self.rss = True
        self.members_only = False
        self.by_title = False
        self.total: int | None = None
        self.pages: dict[str, str | bytes | FetchError] = {}
        self.statuses: dict[str, int] = {}
        self.asked: list[str] = []

    def put(self, *posts: PaperPost) -> None:
        self.posts |= {post.number: post for post in posts}

    def change(self, number: int, **facts: object) -> None:
        self.posts[number] = replace(self.posts[number], **facts)  # type: ignore[arg-type]  # as in `post`

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        follow: bool = True,
        max_bytes: int = 0,
    ) -> Page:
        target = url.removeprefix(ROOT)
        self.asked.append(target)
        planned = self.pages.get(target)
        if isinstance(planned, FetchError):
            raise planned
        answer = planned if planned is not None else self._answer(target)
        content = answer if isinstance(answer, bytes) else answer.encode()
        return Page(
            url=url, status=self.statuses.get(target, 200), headers={"content-type": "text/html"}, content=content
        )

    def _answer(self, target: str) -> str:
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query))
        if parts.path == "/bbs/rss.php":
            return self._feed() if self.rss else "RSS 보기가 금지되어 있습니다."
        if parts.path == "/bbs/board.php" and "wr_id" in query:
            return self._view(self.posts.get(int(query["wr_id"])))
        if parts.path == "/bbs/board.php":
            return self._list(int(query.get("page", "1")), by_date=query.get("sst") == "wr_datetime")
        named = [post for post in self.posts.values() if self._address(post) == f"{ROOT}{target}"]
        return self._view(named[0] if named else None)

    # ── What it shows ────────────────────────────────────────────────────────

    def _ordered(self) -> list[PaperPost]:
        threads = sorted((each for each in self.posts.values() if each.reply_to is None), key=lambda each: -each.number)
        replies = [each for each in self.posts.values() if each.reply_to is not None]
        return [each for head in threads for each in [head, *(one for one in replies if one.reply_to == head.number)]]

    def _address(self, post: PaperPost) -> str:
        if self.by_title and post.slug:
            return f"{ROOT}/director/{post.slug}/"
        return f"{ROOT}/bbs/board.php?bo_table=director&wr_id={post.number}"

    def _list(self, page: int, *, by_date: bool) -> str:
        rows = [each for each in self._ordered() if not each.is_notice]
        if by_date:
            rows.sort(key=lambda each: each.written, reverse=True)
        rows = [*(each for each in self._ordered() if each.is_notice), *rows]
        shown = rows[(page - 1) * self.page_rows : page * self.page_rows]
        drawn = "".join(self._row(each) for each in shown) or "<tr><td class='empty_table'>게시물이 없습니다.</td></tr>"
        total = len(self.posts) if self.total is None else self.total
        return (
            f"<title>소장 자료실 | 한빛평화연구소</title><h2 id='container_title'>소장 자료실</h2><div id='bo_list'>"
            f"<div id='bo_list_total'>Total {total}건</div><table><tbody>{drawn}</tbody></table></div>"
        )

    def _row(self, post: PaperPost) -> str:
        lock = "<i class='fa fa-lock'></i>" if post.is_secret else ""
        file = "<i class='fa fa-download'></i>" if post.has_file else ""
        shown = escape(post.title[:60] + ("…" if len(post.title) > 60 else ""))
        return (
            f"<tr class='{'bo_notice' if post.is_notice else ''}'><td class='td_num2'>7</td><td class='td_subject'>"
            f"<div class='bo_tit'><a href='{escape(self._address(post))}'>{lock} {shown}</a>{file}</div></td></tr>"
        )

    def _view(self, post: PaperPost | None) -> str:
        if post is None:
            return f'<script>alert("{GONE}");</script>'
        if self.members_only:
            return f'<script>alert("{MEMBERS}");</script>'
        if post.is_secret:
            return f"<div id='pw_confirm'><h1>{escape(post.title)}</h1></div>"
        title = escape(post.title)
        cut_name = post.author[:15] + ("…" if len(post.author) > 15 else "")
        cut = title[:70] + ("…" if len(title) > 70 else "")
        file = (
            f"<section id='bo_v_file'><ul><li><a class='view_file_download' "
            f"href='{ROOT}/bbs/download.php?bo_table=director&amp;wr_id={post.number}&amp;no=0&amp;nonce=1'>"
            f"<strong>발표문.pdf</strong></a> (582byte)</li></ul></section>"
        )
        return (
            f"<title>{title} > 소장 자료실 | 한빛평화연구소</title><h2 id='container_title'>소장 자료실</h2>"
            f"<article id='bo_v'><header><h2 id='bo_v_title'><span class='bo_v_tit'>{cut}</span></h2></header>"
            f"<section id='bo_v_info'>작성자 <span class='sv_member'>{escape(cut_name)}</span> "
            f"<strong class='if_date'>작성일 {post.written[2:16]}</strong> 조회 7회</section>"
            f"<div id='bo_v_con'>{post.body}</div>{file if post.has_file else ''}</article>"
        )

    def _feed(self) -> str:
        items = "".join(
            f"<item><title>{escape(each.title)}</title><link>{escape(escape(self._address(each)))}</link>"
            f"<description><![CDATA[{each.body}]]></description><dc:creator>{escape(each.author)}</dc:creator>"
            f"<dc:date>{each.written.replace(' ', 'T')}+09:00</dc:date></item>"
            for each in [one for one in self._ordered() if not one.is_secret][: self.page_rows]
        )
        return f"<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel>{items}</channel></rss>"
