"""What mail providers post: believed when signed, once, and not otherwise."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from publisher.app import App
from publisher.delivery.bounces.mailgun import Mailgun
from publisher.delivery.bounces.posted import Forged, Told, Unreadable
from publisher.delivery.bounces.returned import Kind
from publisher.delivery.bounces.ses import Ses
from publisher.delivery.policy import ReturnPolicy
from publisher.errors import FetchError
from publisher.store import outbox
from publisher.store.database import Database
from publisher.store.tables import deliveries, editions, feedback
from subscribers.bounces import Weight
from tests.delivery.bounces.mails import OURS
from tests.samples import at, item
from tests.web.house import compose, publish, release, subscribe, subscription, visitor

TOPIC = "arn:aws:sns:ap-northeast-2:123456789012:letters"
CERTIFICATE = "https://sns.ap-northeast-2.amazonaws.com/SimpleNotificationService-0123.pem"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
POLICY = ReturnPolicy(ses_topic=TOPIC, mailgun_key="key-wet-paint")


# ── Amazon SES ───────────────────────────────────────────────────────────────


@dataclass
class Sns:
    """Signs as SNS does; `asked` has the addresses that were fetched."""

    key: rsa.RSAPrivateKey
    pem: bytes
    asked: list[str]

    def sign(self, message: dict[str, Any], version: str = "2") -> bytes:
        fields = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
        left_out = {"SubscribeURL", "Token"} if message["Type"] == "Notification" else {"Subject"}
        text = "".join(f"{name}\n{message[name]}\n" for name in fields if name in message and name not in left_out)
        algorithm = hashes.SHA256() if version == "2" else hashes.SHA1()
        signature = self.key.sign(text.encode(), padding.PKCS1v15(), algorithm)
        signed = {"SignatureVersion": version, "SigningCertURL": CERTIFICATE, **message}
        return json.dumps({**signed, "Signature": base64.b64encode(signature).decode()}).encode()

    async def fetch(self, url: str) -> bytes:
        self.asked.append(url)
        return self.pem


def certificate(key: rsa.RSAPrivateKey, since: datetime = NOW - timedelta(days=1)) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(since).not_valid_after(since + timedelta(days=365))
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
def sns(key: rsa.RSAPrivateKey) -> Sns:
    return Sns(key, certificate(key), [])


def notification(event: Any, **changes: str) -> dict[str, Any]:
    return {
        "Type": "Notification",
        "MessageId": "22b80b92",
        "TopicArn": TOPIC,
        "Message": json.dumps(event),
        "Timestamp": "2026-03-02T12:00:00.000Z",
        **changes,
    }


def bounced(kind: str = "Permanent", detail: str = "General", message_id: str = OURS) -> dict[str, Any]:
    recipient = {"emailAddress": "kim@reader.example", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 unknown"}
    return {
        "notificationType": "Bounce",
        "bounce": {
            "bounceType": kind,
            "bounceSubType": detail,
            "bouncedRecipients": [recipient],
            "timestamp": "2026-03-02T11:59:00.000Z",
        },
        "mail": {
            "source": "letters@hanbit-peace.example",
            "messageId": "0101018e-of-amazon",
            "headers": [{"name": "Message-ID", "value": message_id}],
        },
    }


@pytest.mark.parametrize("version", ["1", "2"])
async def test_a_signed_bounce_of_ses_is_told(sns: Sns, version: str) -> None:
    told = await Ses().read(sns.sign(notification(bounced()), version), POLICY, sns.fetch, NOW)
    assert isinstance(told, Told)
    (returned,) = told.returned
    assert (returned.kind, returned.weight) == (Kind.BOUNCE, Weight.HARD)
    assert returned.traces.message_ids == (OURS,)
    assert returned.dated == NOW - timedelta(minutes=1)


@pytest.mark.parametrize(
    ("kind", "detail", "weight"),
    [
        ("Permanent", "NoEmail", Weight.HARD),
        ("Transient", "MailboxFull", Weight.SOFT),
        ("Transient", "MessageTooLarge", Weight.BLOCKED),
        ("Permanent", "ContentRejected", Weight.BLOCKED),
        ("Undetermined", "Undetermined", Weight.HARD),  # by its status
    ],
)
async def test_what_ses_calls_a_bounce_is_weighed(sns: Sns, kind: str, detail: str, weight: Weight) -> None:
    told = await Ses().read(sns.sign(notification(bounced(kind, detail))), POLICY, sns.fetch, NOW)
    assert isinstance(told, Told)
    assert told.returned[0].weight is weight


@pytest.mark.parametrize(("feedback_type", "count"), [("abuse", 1), (None, 1), ("not-spam", 0)])
async def test_a_complaint_by_ses_is_told(sns: Sns, feedback_type: str | None, count: int) -> None:
    event = {"eventType": "Complaint", "complaint": {"complaintFeedbackType": feedback_type}, "mail": bounced()["mail"]}
    told = await Ses().read(sns.sign(notification(event)), POLICY, sns.fetch, NOW)
    assert isinstance(told, Told)
    assert [returned.kind for returned in told.returned] == [Kind.COMPLAINT] * count


@pytest.mark.parametrize(
    "changes",
    [
        {"TopicArn": "arn:aws:sns:ap-northeast-2:999999999999:letters"},
        {"SigningCertURL": "https://sns.ap-northeast-2.amazonaws.com.evil.example/x.pem"},
        {"SigningCertURL": "http://sns.ap-northeast-2.amazonaws.com/x.pem"},
        {"SigningCertURL": "https://evil.example/sns.ap-northeast-2.amazonaws.com/x.pem"},
        {"SigningCertURL": "https://sns.ap-northeast-2.amazonaws.com/../x?.pem"},
        {"SigningCertURL": "https://u@sns.ap-northeast-2.amazonaws.com/x.pem"},
        {"Message": "{}"},
        {"Timestamp": "2026-03-02T12:00:01.000Z"},
        {"Signature": "AAAA"},
        {"Signature": "not base64"},
        {"SignatureVersion": "3"},
    ],
)
async def test_a_forged_message_of_ses_is_not_believed(sns: Sns, changes: dict[str, str]) -> None:
    forged = json.dumps({**json.loads(sns.sign(notification(bounced()))), **changes}).encode()
    assert isinstance(await Ses().read(forged, POLICY, sns.fetch, NOW), Forged)
    assert set(sns.asked) <= {CERTIFICATE}, "nothing else is fetched on a stranger's word"


async def test_a_certificate_that_has_run_out_proves_nothing(sns: Sns, key: rsa.RSAPrivateKey) -> None:
    sns.pem = certificate(key, NOW - timedelta(days=400))
    assert isinstance(await Ses().read(sns.sign(notification(bounced())), POLICY, sns.fetch, NOW), Forged)


@pytest.mark.parametrize(
    ("address", "is_confirmed"),
    [
        ("https://sns.ap-northeast-2.amazonaws.com/?Action=ConfirmSubscription&TopicArn=x&Token=y", True),
        ("https://evil.example/?Action=ConfirmSubscription", False),
    ],
)
async def test_the_subscription_is_confirmed_at_sns_and_nowhere_else(
    sns: Sns, address: str, is_confirmed: bool
) -> None:
    message = notification({}, Type="SubscriptionConfirmation", Token="y", SubscribeURL=address)
    answer = await Ses().read(sns.sign(message), POLICY, sns.fetch, NOW)
    assert isinstance(answer, Told if is_confirmed else Unreadable)
    assert (address in sns.asked) is is_confirmed


# ── Mailgun ──────────────────────────────────────────────────────────────────


def posted(event: Any, *, key: str = "key-wet-paint", signed_at: datetime = NOW, **changes: str) -> bytes:
    timestamp, token = str(int(signed_at.timestamp())), "a" * 50
    signature = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    signed = {"timestamp": timestamp, "token": token, "signature": signature, **changes}
    return json.dumps({"signature": signed, "event-data": event}).encode()


def failed(severity: str = "permanent", message_id: str = OURS, **changes: Any) -> dict[str, Any]:
    return {
        "event": "failed",
        "severity": severity,
        "reason": "generic",
        "recipient": "kim@reader.example",
        "message": {"headers": {"message-id": message_id.strip("<>")}},
        "delivery-status": {"code": 550, "message": "5.1.1 The email account does not exist"},
        "timestamp": NOW.timestamp(),
        **changes,
    }


async def nowhere(url: str) -> bytes:
    raise AssertionError(f"{url} was fetched")


async def mailgun(body: bytes) -> Told | Forged | Unreadable:
    return await Mailgun().read(body, POLICY, nowhere, NOW)


@pytest.mark.parametrize(
    ("event", "kind", "weight"),
    [
        (failed(), Kind.BOUNCE, Weight.HARD),
        (failed("temporary"), Kind.DELAY, None),
        (failed(reason="suppress-bounce"), Kind.BOUNCE, Weight.HARD),
        (failed(reason="suppress-complaint"), Kind.BOUNCE, Weight.BLOCKED),
        (failed(**{"delivery-status": {"code": 552, "message": "mailbox full"}}), Kind.BOUNCE, Weight.SOFT),
        ({**failed(), "event": "complained"}, Kind.COMPLAINT, None),
        ({**failed(), "event": "unsubscribed"}, Kind.REFUSAL, None),
    ],
)
async def test_a_signed_event_of_mailgun_is_told(event: Any, kind: Kind, weight: Weight | None) -> None:
    told = await mailgun(posted(event))
    assert isinstance(told, Told)
    assert (told.returned[0].kind, told.returned[0].weight) == (kind, weight)
    assert told.returned[0].traces.message_ids == (OURS,)


async def test_an_event_that_tells_nothing_about_an_address_is_heard_and_left() -> None:
    assert await mailgun(posted({"event": "opened"})) == Told()


@pytest.mark.parametrize(
    "body",
    [
        posted(failed(), key="key-of-somebody"),
        posted(failed(), signed_at=NOW - timedelta(hours=10)),
        posted(failed(), signed_at=NOW + timedelta(minutes=6)),
        posted(failed(), token="b" * 50),
        posted(failed(), timestamp="nan"),
        posted(failed(), signature="ü"),
    ],
)
async def test_a_forged_or_stale_event_of_mailgun_is_not_believed(body: bytes) -> None:
    assert isinstance(await mailgun(body), Forged)


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(max_examples=30)
@given(anything)
async def test_no_event_of_any_shape_raises(event: Any) -> None:
    assert isinstance(await mailgun(posted(event)), Told)


@settings(max_examples=30)
@given(anything)
async def test_no_signature_of_any_shape_raises(signature: Any) -> None:
    body = json.dumps({"signature": signature, "event-data": {}}).encode()
    assert isinstance(await mailgun(body), Forged | Unreadable)


# ── The address ──────────────────────────────────────────────────────────────


async def sent_to(app: App) -> None:
    """An edition of which a copy went to a reader, under the Message-ID that the provider will name."""
    await subscribe(app)
    await release(app, await compose(app, *await publish(app, item(1))))
    async with app.db.begin() as tx:
        edition_id = (await tx.execute(select(editions.c.id))).scalar_one()
        await outbox.enqueue_edition(tx, edition_id, "weekly", now=at(), due_at=at())
        await tx.execute(update(deliveries).values(claim_no=1, message_id=OURS, status="sent"))


def with_hooks(app: App, policy: ReturnPolicy = POLICY) -> App:
    return replace(app, config=replace(app.config, delivery=replace(app.config.delivery, bounces=policy)))


async def test_a_message_that_is_repeated_is_answered_well_and_counts_once(app: App) -> None:
    app = with_hooks(app)
    await sent_to(app)
    body = posted({**failed(), "event": "complained"}, signed_at=app.now())
    async with visitor(app) as client:
        answers = [await client.post("/hooks/mailgun", content=body) for _ in range(2)]
    assert [(answer.status_code, answer.text) for answer in answers] == [(200, "heard\n")] * 2
    assert (await subscription(app)).ended_why == "complained"
    assert await count(app.db) == 1


async def test_ses_is_heard_at_its_address(app: App, sns: Sns, monkeypatch: pytest.MonkeyPatch) -> None:
    app = with_hooks(app)
    sns.pem = certificate(sns.key, app.now() - timedelta(days=1))
    await sent_to(app)
    monkeypatch.setattr(App, "_fetch_once", lambda _app, url: sns.fetch(url))
    async with visitor(app) as client:
        answer = await client.post("/hooks/ses", content=sns.sign(notification(bounced())))
    assert answer.status_code == 200
    assert (await subscription(app)).ended_why == "bounced"


@pytest.mark.parametrize(
    ("address", "body", "status"),
    [
        ("/hooks/mailgun", posted(failed(), key="another"), 403),
        ("/hooks/mailgun", b"<xml/>", 400),
        ("/hooks/mailgun", b"[1]", 400),
        ("/hooks/mailgun", b'{"signature": [' + b"[" * 100_000, 400),
        ("/hooks/mailgun", b"x" * 300_000, 413),
        ("/hooks/ses", b"{}", 403),
        ("/hooks/postmark", b"{}", 404),
    ],
)
async def test_what_is_not_theirs_is_refused_and_changes_nothing(
    app: App, address: str, body: bytes, status: int
) -> None:
    app = with_hooks(app)
    await sent_to(app)
    async with visitor(app) as client:
        assert (await client.post(address, content=body)).status_code == status
    assert await count(app.db) == 0
    assert (await subscription(app)).status == "active"


@pytest.mark.parametrize("provider", ["ses", "mailgun"])
async def test_a_hook_that_is_not_configured_does_not_exist(app: App, provider: str) -> None:
    async with visitor(app) as client:
        assert (await client.post(f"/hooks/{provider}", content=posted(failed()))).status_code == 404


async def test_a_certificate_that_cannot_be_had_asks_to_come_again(app: App, sns: Sns, monkeypatch: Any) -> None:
    async def fetch(_: App, url: str) -> bytes:
        raise FetchError("unreachable", f"{url}: no answer")

    monkeypatch.setattr(App, "_fetch_once", fetch)
    async with visitor(with_hooks(app)) as client:
        answer = await client.post("/hooks/ses", content=sns.sign(notification(bounced())))
    assert answer.status_code == 503


async def count(db: Database) -> int:
    async with db.read() as tx:
        return len(list((await tx.execute(select(feedback.c.id))).scalars()))
