"""The documented shapes of `--json` (docs/commands.md): unknown values are null, never absent."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from publisher.digest.corrections import amend
from publisher.flows.ingest import Ingested
from publisher.model import Account, Correction, Edition, Entry, Site
from publisher.store.feedback import Counts


def languages(one: Entry) -> str:
    """In which languages an entry can be read: `ko`, `mixed` for a piece that holds both, `ko+en` for a joined one."""
    return "+".join(one.faces) if one.joined else one.language


def entry(one: Entry) -> dict[str, Any]:
    return {
        "id": one.public_id,
        "archive": one.archive,
        "source_key": one.source_key,
        "url": one.url,
        "title": next(iter(one.faces.values())).title,
        "author": one.author,
        "published_at": one.published_at,
        "arrived_at": one.arrived_at,
        "updated_at": one.updated_at,
        "language": one.language,
        "original_language": one.original_language,
        "original_url": one.citation.url,
        "outlet": one.citation.outlet,
        "outlet_date": one.citation.date,
        "categories": list(one.categories),
        "attachments": [
            {"name": file.name, "url": file.url, "size": file.size, "type": file.type} for file in one.attachments
        ],
        "links": list(one.links),
        "is_notice": one.is_notice,
        "status": one.status,
        "held": one.held,
        "joined": [
            {
                "id": each.public_id,
                "archive": each.archive,
                "source_key": each.source_key,
                "url": each.url,
                "language": each.language,
                "joined_at": each.at,
                "joined_by": each.by,
            }
            for each in one.joined
        ],
        "joined_to": one.joined_to,
        "faces": {
            language: {
                "title": face.title,
                "summary": face.summary,
                "html": face.html,
                "origin": face.origin,
                "url": face.url,
                "outlet": one.citation_of(face).outlet,
                "outlet_date": one.citation_of(face).date,
                "original_url": one.citation_of(face).url,
            }
            for language, face in one.faces.items()
        },
    }


def edition(one: Edition, account: Account, site: Site, withdrawn: Mapping[str, datetime]) -> dict[str, Any]:
    """`withdrawn`: of the entries that it tells of, those that became secret since."""
    return {
        "list": one.list,
        "number": one.number,
        "status": one.status,
        "window_end": one.window_end,
        "composed_at": one.composed_at,
        "approved_by": one.approved_by,
        "approved_at": one.approved_at,
        "released_at": one.released_at,
        "sent_at": one.sent_at,
        "classification": one.classification,
        "classified_by": one.classified_by,
        "classified_at": one.classified_at,
        "classified_why": one.classified_why,
        "not_agreed": one.not_agreed,
        "content_hash": one.content_hash,
        "url": site.edition_url(site.languages[0], one.list, one.number) if one.released_at else None,
        "entries": [
            {"id": each.public_id, "title": next(iter(each.faces.values())).title, "language": each.language}
            for each in one.entries
        ],
        "corrections": [correction(each) for each in one.corrections],
        "is_numbered": one.is_numbered,
        "subjects": dict(one.subjects),
        "notes": dict(one.notes),
        "approval_lost_at": one.approval_lost_at,
        "approval_lost_why": one.approval_lost_why,
        "withdrawn": [{"id": public_id, "at": at} for public_id, at in withdrawn.items()],
        "account": accounted(account),
    }


def correction(one: Correction) -> dict[str, Any]:
    """`changed` is empty, and `title` the present one, where the entry says again what was mailed."""
    amended = amend(one, one.entry.faces)
    return {
        "id": one.entry.public_id,
        "number": one.number,
        "title": amended.title if amended else next(iter(one.entry.faces.values())).title,
        "changed": list(amended.parts) if amended else [],
        "new_title": amended.new_title if amended else None,
    }


def correction_line(one: Correction) -> str:
    """`corrects No. 11 “Old title”: title, text, now “New title”`."""
    told = correction(one)
    parts = ", ".join(told["changed"]) or "it says again what was mailed, so no line stands in the letters"
    now = f", now “{told['new_title']}”" if told["new_title"] else ""
    return f"corrects No. {told['number']} “{told['title']}”: {parts}{now}"


def own_words(one: Edition) -> list[str]:
    """`subject (ko): …`, `note (ko): its first line`: what the editor wrote into an edition."""
    notes = {language: next(iter(text.split("\n"))) for language, text in one.notes.items()}
    return [
        *(f"subject ({language}): {subject}" for language, subject in one.subjects.items()),
        *(f"note ({language}): {line}" for language, line in notes.items()),
    ]


def accounted(account: Account) -> dict[str, int]:
    return {
        "recipients": account.total,
        "waiting": account.waiting,
        "sending": account.sending,
        "sent": account.sent,
        "failed": account.failed,
        "withheld": account.withheld,
        "uncertain": account.uncertain,
    }


def ingested(one: Ingested) -> dict[str, Any]:
    return {
        "archive": one.archive,
        "new": one.new,
        "held": one.held,
        "changed": one.changed,
        "retracted": one.retracted,
        "joined": one.joined,
        "skipped": [{"source_key": s.source_key, "url": s.url, "reason": s.reason} for s in one.skipped],
        "remarks": [{"code": r.code, "detail": r.detail} for r in one.remarks],
        "failure": {"reason": one.failure.reason, "detail": str(one.failure)} if one.failure else None,
    }


def counted(count: int, one: str, many: str) -> str:
    """`1 reader`, `3 readers`."""
    return f"{count} {one if count == 1 else many}"


def adds_up(account: Account) -> str:
    """`4 recipients = 3 sent + 1 failed`."""
    parts = {name: count for name, count in accounted(account).items() if name != "recipients" and count}
    total = counted(account.total, "recipient", "recipients")
    return f"{total} = " + (" + ".join(f"{count} {name}" for name, count in parts.items()) or "0")


def per_language(readers: Mapping[str, int]) -> str:
    """`12 ko, 3 en+ko`."""
    return ", ".join(f"{count} {key}" for key, count in readers.items()) or "none"


def rate_alarm(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("about", "step", "at", "count", "out", "paused")}


def came_back(counts: Counts) -> str:
    """`came back: 2 hard bounces, 1 complaint`; '' when nothing did."""
    parts = (
        (counts.bounces, "hard bounce", "hard bounces"),
        (counts.soft, "soft bounce", "soft bounces"),
        (counts.blocked, "blocked", "blocked"),
        (counts.complaints, "complaint", "complaints"),
        (counts.refusals, "refusal by mail", "refusals by mail"),
    )
    said = ", ".join(counted(count, one, many) for count, one, many in parts if count)
    return f"came back: {said}" if said else ""
