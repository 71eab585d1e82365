"""
Pages composed in the mould of recorded ones.

Everything around the post or the rows is the recorded page's; what the
software would have put inside is put there the way it does it, cut titles,
escapes, icons and all.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from tests.boards.dump import Dump, Post, Record

SITE = "https://peace.example.org"


def escaped(text: str) -> str:
    """As the software escapes a title: `&` only where it would otherwise be read as an entity."""
    text = re.sub(r"&(?=#?\w{1,8};)", "&#038;", text)
    return text.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#034;")


def cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}…"


class Skin:
    """One board of one dump, drawn for one device."""

    def __init__(self, pages: Path, dump: Dump, table: str, device: str, today: str) -> None:
        self.pages = pages
        self.dump = dump
        self.table = table
        self.is_mobile = device == "mobile"
        self.today = today
        self.board: Record = dump.boards[table]

    def mould(self, pc: str, mobile: str) -> str:
        page = (self.pages / "t1" / (mobile if self.is_mobile else pc)).read_text(encoding="utf-8")
        return page.replace("bo_table=data_son", f"bo_table={self.table}")

    def named(self, page: str, title: str) -> str:
        """The page under another title and board name."""
        name, recorded = self.board["bo_subject"], self.dump.boards["data_son"]["bo_subject"]
        whole = f"{title}> {name}" if title else name
        page = _put(page, r"<title>.*?(?= \| [^|]*</title>)", f"<title>{whole}")
        page = _put(page, r'<h1 id="hd_h1">.*?</h1>', f'<h1 id="hd_h1">{whole}</h1>')
        page = page.replace(f"{recorded}</span></h2>", f"{name}</span></h2>")
        return page.replace(f"</a> {recorded}", f"</a> {name}")

    def address(self, post: Post, page: int = 1) -> str:
        turned = f"&amp;page={page}" if page > 1 else ""
        return f"{SITE}/bbs/board.php?bo_table={self.table}&amp;wr_id={post.number}{turned}"

    def day(self, post: Post) -> str:
        day, _, clock = post.written.partition(" ")
        return clock[:5] if day == self.today else day[5:]

    # ── Lists ────────────────────────────────────────────────────────────────

    def list_page(self, page: int, *, by_date: bool) -> str:
        notices = self.dump.notices(self.table)
        rows = [post for post in self.dump.posts.get(self.table, ()) if post not in notices]
        if by_date:
            rows.sort(key=lambda post: post.written, reverse=True)
        size = int(self.board["bo_mobile_page_rows" if self.is_mobile else "bo_page_rows"])
        shown = [*notices, *rows][(page - 1) * size : page * size]
        is_gallery = self.board["bo_skin"] == "gallery"
        draw = self._gallery if is_gallery else self._phone_rows if self.is_mobile else self._table
        total = self.board["bo_count_write"]
        return re.sub(r"(Total|전체) [\d,]+건", rf"\1 {total}건", self.named(draw(shown, notices, page), ""))

    def _table(self, shown: Sequence[Post], notices: Sequence[Post], page: int) -> str:
        rows = "".join(self._table_row(post, post in notices, page) for post in shown)
        empty = '<tr><td colspan="5" class="empty_table">게시물이 없습니다.</td></tr>'
        mould = self.mould("list_p1.html", "")
        return re.sub(r"<tbody>.*?</tbody>", lambda _: f"<tbody>{rows or empty}</tbody>", mould, flags=re.DOTALL)

    def _category(self, post: Post) -> str:
        name = post.row["ca_name"]
        address = f"{SITE}/bbs/board.php?bo_table={self.table}&amp;sca={quote(name)}"
        return f'<a href="{address}" class="bo_cate_link">{name}</a>' if name else ""

    def _table_row(self, post: Post, is_notice: bool, page: int) -> str:
        lock = '<i class="fa fa-lock" aria-hidden="true"></i>' if post.is_secret else ""
        file = '<i class="fa fa-download" aria-hidden="true"></i>' if post.row["wr_file"] != "0" else ""
        link = '<i class="fa fa-link" aria-hidden="true"></i>' if post.row["wr_link1"] else ""
        count = post.row["wr_comment"]
        comments = f'<span class="sound_only">댓글</span><span class="cnt_cmt">{count}</span>' if count != "0" else ""
        first = '<strong class="notice_icon">공지</strong>' if is_notice else "7"
        return f"""
        <tr class="{"bo_notice" if is_notice else ""} even">
            <td class="td_num2">{first}</td>
            <td class="td_subject" style="padding-left:{10 * len(post.row["wr_reply"])}px">
                {self._category(post)}
                <div class="bo_tit">
                    <a href="{self.address(post, page)}">
                        {lock} {escaped(cut(post.row["wr_subject"], 60))}
                    </a>
                    {file}{link}{comments}
                </div>
            </td>
            <td class="td_name sv_use"><span class="sv_member">{escaped(cut(post.row["wr_name"], 15))}</span></td>
            <td class="td_num">{post.row["wr_hit"]}</td>
            <td class="td_datetime">{self.day(post)}</td>
        </tr>"""

    def _phone_rows(self, shown: Sequence[Post], notices: Sequence[Post], page: int) -> str:
        rows = "".join(self._phone_row(post, post in notices, page) for post in shown)
        mould = self.mould("list_p1.html", "mobile_list_p1.html")
        empty = '<li class="empty_table">게시물이 없습니다.</li>'
        return re.sub(
            r'(<div class="list_01">\s*<ul>).*?(</ul>\s*</div>\s*</div>)',
            lambda match: f"{match[1]}{rows or empty}{match[2]}",
            mould,
            flags=re.DOTALL,
        )

    def _phone_row(self, post: Post, is_notice: bool, page: int) -> str:
        sign = '<strong class="notice_icon">공지</strong>' if is_notice else ""
        lock = '<i class="fa fa-lock" aria-hidden="true"></i>' if post.is_secret else ""
        return f"""
        <li class="{"bo_notice" if is_notice else ""}">
            <div class="bo_cnt">
                <div class="bo_cate_ico">{sign}{self._category(post)}</div>
                <a href="{self.address(post, page)}" class="bo_subject">{lock}
                    {escaped(cut(post.row["wr_subject"], 30))}
                </a>
            </div>
            <div class="bo_info">
                <span class="sound_only">작성자</span>
                <span class="sv_member">{escaped(cut(post.row["wr_name"], 15))}</span>
                <span class="bo_date"><i class="fa fa-clock-o" aria-hidden="true"></i> {self.day(post)}</span>
                <span class="bo_view"><i class="fa fa-eye" aria-hidden="true"></i> {post.row["wr_hit"]}</span>
            </div>
        </li>"""

    def _gallery(self, shown: Sequence[Post], notices: Sequence[Post], page: int) -> str:
        rows = "".join(
            f"""
            <li class="gall_li">
                <div class="gall_text_href">
                    {'<span class="is_notice">공지</span>' if post in notices else ""}
                    <a href="{self.address(post, page)}" class="{"gall_li_tit" if self.is_mobile else "bo_tit"}">
                        {escaped(cut(post.row["wr_subject"], 60))}
                    </a>
                </div>
                <span class="gall_date">{self.day(post)}</span>
            </li>"""
            for post in shown
        )
        mould = self.mould("gallery_list.html", "mobile_gallery_list.html")
        start = mould.index('<ul id="gall_ul"')
        inside = mould.index(">", start) + 1
        end = mould.index("</form>", inside)
        return f"{mould[:inside]}{rows or '<li class=empty_list>게시물이 없습니다.</li>'}</ul>{mould[end:]}"

    # ── Views ────────────────────────────────────────────────────────────────

    def view(self, post: Post) -> str:
        title = escaped(post.row["wr_subject"])
        page = self.named(self.mould("view_seed.html", "mobile_view_seed.html"), f"{title} ")
        start, end = page.index('<article id="bo_v"'), page.index("</article>")
        article = page[start:end]
        category = post.row["ca_name"]
        cate = f'<span class="bo_v_cate">{category}</span> ' if category else ""
        article = _put(
            article, r'<span class="bo_v_tit">.*?</span>', f'{cate}<span class="bo_v_tit">{cut(title, 70)}</span>'
        )
        name = escaped(cut(post.row["wr_name"], 15))
        article = _put(article, r'<span class="sv_member">.*?</span>', f'<span class="sv_member">{name}</span>')
        article = article.replace("25-05-07 20:35", self._written(post))
        body = f'<div id="bo_v_img">{self._images(post)}</div><div id="bo_v_con">{_body(post)}</div></section>'
        article = _put(article, r'<div id="bo_v_img">.*?</section>', body + self._files(post) + self._links(post))
        article = _put(article, r'<ul class="bo_v_nb">.*?</ul>', "")
        return page[:start] + article + page[end:]

    def _written(self, post: Post) -> str:
        return "-1-11-30 00:00" if post.written.startswith("0000") else post.written[2:16]

    def _images(self, post: Post) -> str:
        drawn = []
        for file in self.dump.files.get((self.table, post.number), ()):
            if int(file["bf_width"]) > 0:
                stem, _, ending = file["bf_file"].rpartition(".")
                shown = f"thumb-{stem}_600x400.{ending}" if int(file["bf_width"]) > 600 else file["bf_file"]
                drawn.append(
                    f'<a href="{SITE}/bbs/view_image.php?fn={file["bf_file"]}" class="view_image">'
                    f'<img src="{SITE}/data/file/{self.table}/{shown}" alt="{file["bf_content"]}"/></a>'
                )
        return "".join(drawn)

    def _files(self, post: Post) -> str:
        files = [file for file in self.dump.files.get((self.table, post.number), ()) if int(file["bf_width"]) == 0]
        rows = "".join(
            f"""
            <li>
                <a href="{self._script("download", post, file["bf_no"])}&amp;nonce=0a|1|2b" class="view_file_download">
                    <strong>{file["bf_source"]}</strong> {file["bf_content"]} ({_size(int(file["bf_filesize"]))})
                </a>
                <span class="bo_v_file_cnt">0회 다운로드 | DATE : {file["bf_datetime"]}</span>
            </li>"""
            for file in files
        )
        return f'<section id="bo_v_file"><h2>첨부파일</h2><ul>{rows}</ul></section>' if files else ""

    def _script(self, name: str, post: Post, number: str) -> str:
        return f"{SITE}/bbs/{name}.php?bo_table={self.table}&amp;wr_id={post.number}&amp;no={number}"

    def _links(self, post: Post) -> str:
        links = [(number, post.row[f"wr_link{number}"]) for number in "12" if post.row[f"wr_link{number}"]]
        rows = "".join(
            f"""
            <li><a href="{self._script("link", post, number)}" target="_blank">
                <strong>{escaped(cut(whole_link(link), 70))}</strong></a></li>"""
            for number, link in links
        )
        return f'<section id="bo_v_link"><h2>관련링크</h2><ul>{rows}</ul></section>' if links else ""

    # ── RSS ──────────────────────────────────────────────────────────────────

    def rss(self) -> str:
        rows = [post for post in self.dump.posts.get(self.table, ()) if not post.is_secret]
        items = "".join(
            f"""
<item>
<title>{_xml(post.row["wr_subject"])}</title>
<link>{SITE}/bbs/board.php?bo_table={self.table}&amp;amp;wr_id={post.number}</link>
<description><![CDATA[{_body(post)}]]></description>
<dc:creator>{_xml(post.row["wr_name"])}</dc:creator>
<dc:date>{post.written.replace(" ", "T")}+09:00</dc:date>
</item>
"""
            for post in rows[: int(self.board["bo_page_rows"])]
        )
        return f"""<?xml version="1.0" encoding="utf-8" ?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel>
<title>{self.board["bo_subject"]}</title>
<link>{SITE}/bbs/board.php?bo_table={self.table}</link>
<language>ko</language>
{items}
</channel>
</rss>
"""


def whole_link(link: str) -> str:
    return link if re.match(r"https?://", link) else f"http://{link}"


def _put(text: str, pattern: str, new: str) -> str:
    return re.sub(pattern, lambda _: new, text, count=1, flags=re.DOTALL)


def _body(post: Post) -> str:
    content = post.row["wr_content"]
    if "html1" in post.row["wr_option"]:
        return content
    if "html2" in post.row["wr_option"]:
        return re.sub(r"\r?\n", "<br />", content)
    linked = re.sub(r"(https?://[^\s<]+)", r'<A HREF="\1" TARGET="_blank"  rel="nofollow">\1</A>', escaped(content))
    return re.sub(r"\r?\n", "<br/>", linked)


def _size(size: int) -> str:
    return f"{size / 1024:.1f}K" if size >= 1024 else f"{size}byte"


def _xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
