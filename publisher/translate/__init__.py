"""
A missing face, made by a service on the web, and looked at before it is believed.

    piece.prepare ─▶ Task ─▶ adapter.call ─▶ asking.ask ─▶ adapter.answer ─▶ piece.finish ─▶ Draft | Refusal

`piece` turns a face into the fragments that are sent and their translations into
a face again, `tags` takes addresses out of a fragment and puts them back,
`glossary` knows how names are written, `checking` says why an answer is not
taken. Nothing here knows of the store: `flows.translate` counts, keeps and writes.

To add a service: a file with a class of the shape `adapter.Adapter`, a member of
`policy.Service`, and its line in `open_adapter`.
"""

from publisher.translate.adapter import Adapter
from publisher.translate.chat import Chat
from publisher.translate.deepl import DeepL
from publisher.translate.policy import Service, TranslatePolicy

__all__ = ["open_adapter"]


def open_adapter(policy: TranslatePolicy) -> Adapter:
    """What speaks to the service that is configured."""
    assert policy.service is not None, "only asked for where a service is named"
    if policy.service is Service.DEEPL:
        return DeepL(endpoint=policy.endpoint, key=policy.key)
    return Chat(endpoint=policy.endpoint, key=policy.key, model=policy.model)
