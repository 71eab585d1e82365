"""
The files under `templates/email`, run in a sandbox and made into finished text.

A template gets values and may arrange them. It cannot reach Python through
them, what it prints into HTML is escaped, and a name it does not know is an
error, not a blank. An operator's folder, laid out like `templates/`, is looked
into first (a file put there is found from the next start on). Whatever goes
wrong is a TemplateError with file and line.
"""

import re
import traceback
from collections.abc import Mapping
from functools import cache
from pathlib import Path, PurePosixPath

import css_inline
import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment
from mjml import mjml2html

from publisher.digest import prose
from publisher.errors import TemplateError
from publisher.i18n import available, catalogue
from publisher.resources import templates

# mrml drops a tag that it does not know, text and all, without a word; and an
# include would read a file. So only these may stand in a letter.
_TAGS = {
    *("mjml", "mj-head", "mj-attributes", "mj-all", "mj-class", "mj-breakpoint", "mj-preview", "mj-style", "mj-title"),
    *("mj-body", "mj-wrapper", "mj-section", "mj-group", "mj-column"),
    *("mj-text", "mj-table", "mj-button", "mj-divider", "mj-spacer", "mj-raw"),
}
_LOOK = "email/look.css"
_SHARED = ("email/head.mjml", "email/imprint.mjml", "email/single.mjml")  # what templates of letters are made with
# What a mailbox shows behind the subject is hidden by MJML in white on white, too, as spam is: SpamAssassin and rspamd
# count that against a letter.
_UNSEEN = 'aria-hidden="true" style="display:none;max-height:0;max-width:0;overflow:hidden;mso-hide:all;"'
_PREVIEW = re.compile(r'style="display:none;font-size:1px;color:#[0-9a-f]{3,6};[^"]*"')
_LEFT_ALONE = '<style data-css-inline="ignore" '
_OURS = re.compile(r"email/(?:[\w-]+/)?[\w-]+\.(?:txt|mjml|css)$")
_TAG = re.compile(r"</?(mj[\w-]*)", re.IGNORECASE)


def render_text(name: str, values: Mapping[str, object], overrides: Path | None) -> str:
    """The text of a template; lines end without blanks, and no more than one empty line stands between two."""
    written = _render(name, values, overrides).replace("\u00a0", " ")  # it kept words together where lines are broken
    text = "\n".join(line.rstrip() for line in written.splitlines())
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def render_html(name: str, values: Mapping[str, object], overrides: Path | None) -> str:
    """
    The HTML of an MJML template, dressed by `look.css` and the sheet of the same name, else by `single.css`.

    The sheets' rules are copied into the elements, since Gmail drops the head's
    in mail of other providers; what MJML and the template put into the head
    stays there. Nothing is fetched: no sheet, no font.
    """
    source = _render(name, values, overrides)
    _refuse_unknown_tags(name, source, overrides)
    try:
        html = mjml2html(source, fonts={})  # or a font called Roboto or Ubuntu would be loaded from Google
    except ValueError as error:
        raise TemplateError(f"{name}, in the MJML it makes{_place(source, error)}: {error}") from error
    if left := _TAG.search(html):
        place = _place_of(f"<{left[1]}", name, overrides)
        raise TemplateError(f"{place}: <{left[1]}> stands where MJML does not read it, as inside of <mj-text>")
    html = _PREVIEW.sub(_UNSEEN, html, count=1)
    sheet = _render(_LOOK, values, overrides) + _own_sheet(name, values, overrides)
    head_kept = html.replace("<style ", _LEFT_ALONE)
    dressed = css_inline.inline(
        head_kept.replace("</head>", f"<style>{sheet}</style></head>", 1),
        keep_style_tags=True,
        remove_inlined_selectors=True,
        load_remote_stylesheets=False,
    )
    return dressed.replace(_LEFT_ALONE, "<style ")


def _own_sheet(name: str, values: Mapping[str, object], overrides: Path | None) -> str:
    sheet = str(PurePosixPath(name).with_suffix(".css"))
    is_there = any((folder / sheet).is_file() for folder in (overrides, templates()) if folder)
    return _render(sheet if is_there else "email/single.css", values, overrides)


def _render(name: str, values: Mapping[str, object], overrides: Path | None) -> str:
    try:
        return _environment(overrides).get_template(name).render(values)
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(f"{error.name or name}, line {error.lineno}: {error.message}") from error
    except Exception as error:  # a template may raise anything: 1/0, None.x, a sandbox's refusal
        raise TemplateError(f"{_where(name, error)}: {error}") from error


@cache
def _environment(overrides: Path | None) -> jinja2.Environment:
    folders = [str(folder) for folder in (overrides, templates()) if folder]
    environment = ImmutableSandboxedEnvironment(
        loader=jinja2.FileSystemLoader(folders),
        autoescape=lambda name: name is not None and name.endswith(".mjml"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"wrap": prose.wrap, "shorten": prose.shorten, "width": prose.width}
    environment.globals |= {
        # `{% set _ = words[language] %}`: one letter speaks several languages.
        "words": {language: catalogue(language).gettext for language in available()},
        "counted": {language: catalogue(language).ngettext for language in available()},
    }
    return environment


def _refuse_unknown_tags(name: str, source: str, overrides: Path | None) -> None:
    """Values are escaped, so every tag in the source was written by a template."""
    for tag in _TAG.findall(source):
        if tag not in _TAGS:
            place = _place_of(f"<{tag}", name, overrides)
            raise TemplateError(f"{place}: <{tag}> is not a tag that letters may use")


def _place_of(text: str, name: str, overrides: Path | None) -> str:
    """File and line of a text that stands in a template or in one that it is made with."""
    environment = _environment(overrides)
    assert environment.loader is not None
    for file in (name, *_SHARED):
        template, _, _ = environment.loader.get_source(environment, file)
        before, found, _ = template.partition(text)
        if found:
            return f"{file}, line {before.count(chr(10)) + 1}"
    return f"{name}, line ?"


def _where(name: str, error: Exception) -> str:
    """
    File and line where it happened: in the template, or in one that it is made with.

    Jinja puts the templates' own lines into the traceback.
    """
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _OURS.search(frame.filename)]
    if not frames:
        return f"{name}, line ?"
    return f"{_OURS.findall(frames[-1].filename)[-1]}, line {frames[-1].lineno}"


def _place(source: str, error: ValueError) -> str:
    """mrml counts characters (`at position 16:26`); a person looks for a line."""
    position = re.search(r"position (\d+)", str(error))
    if position is None:
        return ""
    line = source.count("\n", 0, int(position[1])) + 1
    return f", line {line}"
