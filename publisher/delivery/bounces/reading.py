"""One mail → what it tells of a letter of ours. Whatever comes in, nothing is raised."""

from publisher.delivery.bounces import answers, arf, dsn, texts
from publisher.delivery.bounces.mail import Mail
from publisher.delivery.bounces.returned import Failure, Kind, Returned
from publisher.delivery.bounces.traces import traces_of


def read(content: bytes) -> Returned:
    """
    What came back, by the surest way that knows it: a report by its standard, then
    flufl.bounce, then the sentences of providers that keep to none.

    A program's answer is looked for before the last two, which go by words: an
    out-of-office note may quote anything.
    """
    mail = Mail(content)
    kind, failures = _told(mail)
    return Returned(kind=kind, failures=failures, traces=traces_of(mail), dated=mail.dated)


def _told(mail: Mail) -> tuple[Kind, tuple[Failure, ...]]:
    if (complaint := arf.complaint(mail)) is not None:
        return Kind.COMPLAINT, complaint
    if reported := dsn.failures(mail):
        return dsn.kind_of(reported), reported
    if answers.is_challenge(mail):
        return Kind.CHALLENGE, ()
    if answers.is_away(mail):
        return Kind.AUTOMATIC, ()
    if texts.looks_returned(mail):
        failed = texts.failures(mail)
        return dsn.kind_of(failed), failed
    if answers.is_automatic(mail):
        return Kind.AUTOMATIC, ()
    return _of_a_person(mail), ()


def _of_a_person(mail: Mail) -> Kind:
    """Written to the address for leaving, whatever it says, or saying so in an answer."""
    is_addressed = bool(traces_of(mail).leaving)
    return Kind.REFUSAL if is_addressed or answers.refuses(mail) else Kind.OTHER
