"""Faces that a service made: which text they are of, what they cost, and what was answered before."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text

from publisher.store.tables.columns import json_column, metadata, time_column

translations = Table(
    "translations",
    metadata,
    # Of each face that a service made (`faces.item_id` is null there), or whose answer was not taken.
    Column("entry_id", Integer, ForeignKey("entries.id"), primary_key=True),
    Column("language", String(35), primary_key=True),
    Column("source_language", String(35), nullable=False),
    Column("source_digest", String(64), nullable=False),  # of what was translated; another one now: the face is old
    Column("extent", String(8), nullable=False),  # title · summary · body
    Column("made_by", Text, nullable=False),  # the service, and its model
    Column("characters", Integer, nullable=False),
    time_column("made_at", nullable=False),
    time_column("confirmed_at"),
    Column("confirmed_by", Text),
    Column("refused_why", Text),  # there is no face: why the answer was not taken, or who took it away
)

translation_spending = Table(
    "translation_spending",
    metadata,
    Column("month", String(7), primary_key=True),  # 2026-03, by the clock of the site
    Column("characters", Integer, nullable=False),
)

translation_answers = Table(
    "translation_answers",
    metadata,
    # What was answered well once is not paid for twice.
    Column("question", String(64), primary_key=True),  # digest of text, languages, service and glossary
    json_column("texts", "[]"),
    time_column("at", nullable=False),
)
