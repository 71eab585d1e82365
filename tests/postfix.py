"""
A mail house of our own on the loopback: Postfix that takes, refuses and returns letters, and Dovecot with its mailbox.

Both run from scratch folders and on free ports, as ordinary processes that end
with the test; nothing of the machine's own mail is touched. Postfix wants to be
started by root, and then works as its own users. Its certificate is made here,
by an authority that only `authority` knows.
"""

import grp
import os
import pwd
import shutil
import socket
import socketserver
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.serving import free_port

_WHERE = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))
POSTFIX = shutil.which("postfix", path=_WHERE)
DOVECOT = shutil.which("dovecot", path=_WHERE)
_PATIENCE = 20.0

USER, PASSWORD = "publisher", "wet paint"
OURS, THEIRS = "hanbit-peace.example", "reader.example"


def why_not() -> str | None:
    """Why there is no mail house on this machine; None if there can be one."""
    if POSTFIX is None or DOVECOT is None:
        return "Postfix and Dovecot are not installed; on Debian and Ubuntu: apt install postfix dovecot-imapd"
    if os.getuid() != 0:
        return "only root may start a Postfix"
    users = {entry.pw_name for entry in pwd.getpwall()}
    if not {"postfix", "dovecot", "dovenull"} <= users:
        return "the users of Postfix and Dovecot are missing; reinstall the two packages"
    return None


@dataclass
class MailHouse:
    """
    Takes letters for anybody from whoever signs in, and for `OURS` from anybody.

    Of `THEIRS`, `refused@` is refused at the door, `later@` put off, `grey@` put
    off the first time; `gone@` and `full@` are taken and come back; all others
    arrive nowhere. What comes back lies in the mailbox of `USER`.
    """

    folder: Path
    smtp_port: int
    imap_port: int
    authority: Path  # the certificate of the authority, for SSL_CERT_FILE
    greylist: "_Greylist"

    @property
    def maildir(self) -> Path:
        return self.folder / "mail" / "box"

    def wait_for_mails(self, count: int) -> None:
        """Until so many lie in the mailbox."""
        deadline = time.monotonic() + _PATIENCE
        while len(list(self.maildir.glob("new/*")) + list(self.maildir.glob("cur/*"))) < count:
            assert time.monotonic() < deadline, f"no {count} mails came back:\n{self.log()}"
            time.sleep(0.05)

    def log(self) -> str:
        logs = (self.folder / "postfix.log", self.folder / "dovecot.log")
        return "\n".join(log.read_text(errors="replace")[-4000:] for log in logs if log.exists())


@contextmanager
def mail_house() -> Iterator[MailHouse]:
    """The running house."""
    folder = Path(tempfile.mkdtemp(prefix="mail-house-"))
    folder.chmod(0o755)
    try:
        with _greylisting() as greylist:
            house = MailHouse(folder, free_port(), free_port(), folder / "authority.pem", greylist)
            _make_certificates(folder)
            _furnish(house)
            dovecot = [str(DOVECOT), "-F", "-c", str(folder / "dovecot.conf")]
            with (
                _running(house, dovecot, house.imap_port),
                _running(house, _master(folder / "etc"), house.smtp_port),
            ):
                yield house
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# ── Furniture ────────────────────────────────────────────────────────────────

_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.{ours}
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
recipient_delimiter = +
disable_dns_lookups = yes
smtpd_tls_cert_file = {folder}/server.pem
smtpd_tls_key_file = {folder}/server.key
smtpd_tls_security_level = may
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/auth
smtpd_tls_auth_only = yes
smtpd_relay_restrictions =
smtpd_recipient_restrictions =
  check_recipient_access texthash:{folder}/etc/access,
  check_policy_service inet:127.0.0.1:{policy},
  permit_sasl_authenticated, reject_unauth_destination
transport_maps = texthash:{folder}/etc/transport
virtual_mailbox_domains = {ours}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = static:box/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
"""

_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
127.0.0.1:{far} inet n - n - - smtpd
  -o myhostname=mx.reader.example
  -o smtpd_recipient_restrictions=check_recipient_access,texthash:{folder}/etc/far,reject
smtp unix - - n - - smtp
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""

_ACCESS = f"""
refused@{THEIRS} 550 5.1.1 No such user here
later@{THEIRS} 450 4.2.0 Try again later
"""

_FAR_ACCESS = f"""
gone@{THEIRS} 550 5.1.1 No such user here
full@{THEIRS} 552 5.2.2 The mailbox is full
"""

_TRANSPORT = """
gone@{theirs} smtp:[127.0.0.1]:{far}
full@{theirs} smtp:[127.0.0.1]:{far}
{theirs} discard:
"""

_DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
mail_location = maildir:{folder}/mail/box
first_valid_uid = 1
first_valid_gid = 1
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service auth {{
  unix_listener {folder}/auth {{
    mode = 0666
  }}
}}
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail
}}
"""


def _furnish(house: MailHouse) -> None:
    """Folders, configurations and rights."""
    folder = house.folder
    owner = pwd.getpwnam("nobody")
    names = {
        "folder": folder,
        "ours": OURS,
        "policy": house.greylist.port,
        "far": free_port(),
        "uid": owner.pw_uid,
        "gid": owner.pw_gid,
    }
    for name in ("etc", "queue", "data", "mail/box/new", "mail/box/cur", "mail/box/tmp", "run", "state"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for path in (folder / "mail", *(folder / "mail").rglob("*")):
        os.chown(path, owner.pw_uid, owner.pw_gid)
    os.chown(folder / "data", pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postfix").gr_gid)
    (folder / "etc" / "main.cf").write_text(_MAIN.format(**names))
    (folder / "etc" / "master.cf").write_text(_MASTER.format(port=house.smtp_port, **names))
    (folder / "etc" / "access").write_text(_ACCESS)
    (folder / "etc" / "far").write_text(_FAR_ACCESS)
    (folder / "etc" / "transport").write_text(_TRANSPORT.format(theirs=THEIRS, **names))
    (folder / "dovecot.conf").write_text(_DOVECOT.format(port=house.imap_port, **names))
    (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")


def _make_certificates(folder: Path) -> None:
    """An authority, and the server's certificate by it."""
    now = datetime.now(UTC)
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Invented Authority")])
    authority_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def builder(name: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=2))
        )

    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))])
    authority = builder(issuer, authority_key).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    server = builder(subject, server_key).add_extension(names, critical=False)
    pem = serialization.Encoding.PEM
    (folder / "authority.pem").write_bytes(authority.sign(authority_key, hashes.SHA256()).public_bytes(pem))
    (folder / "server.pem").write_bytes(server.sign(authority_key, hashes.SHA256()).public_bytes(pem))
    key = server_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.key").write_bytes(key)


def _master(etc: Path) -> list[str]:
    """Postfix makes its queue and looks whether all is right; then its master may run, by itself and not for long."""
    subprocess.run([str(POSTFIX), "-c", str(etc), "check"], check=True, capture_output=True)
    asked = subprocess.run(["postconf", "-h", "daemon_directory"], check=True, capture_output=True, text=True)
    return [f"{asked.stdout.strip()}/master", "-c", str(etc), "-d", "-e", "120"]


# ── Processes ────────────────────────────────────────────────────────────────


@contextmanager
def _running(house: MailHouse, command: list[str], port: int) -> Iterator[None]:
    """A server that is there once its port can be connected to, and gone at the end."""
    with (house.folder / f"output-{port}").open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + _PATIENCE
        while not _answers(port):
            said = (house.folder / f"output-{port}").read_text(errors="replace")
            assert process.poll() is None, f"{command[0]} ended:\n{said}\n{house.log()}"
            assert time.monotonic() < deadline, f"{command[0]} does not answer:\n{said}\n{house.log()}"
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


# ── Greylisting ──────────────────────────────────────────────────────────────


@dataclass
class _Greylist:
    """Postfix asks it about every recipient (its SMTPD_POLICY_README): `grey@` is put off the first time."""

    port: int = 0
    seen: set[str] = field(default_factory=set)

    def action(self, recipient: str) -> str:
        if recipient.startswith("grey@") and recipient not in self.seen:
            self.seen.add(recipient)
            return "defer 4.7.1 Greylisted, try again"
        return "dunno"


@contextmanager
def _greylisting() -> Iterator[_Greylist]:
    greylist = _Greylist()

    class Answer(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            asked: dict[str, str] = {}
            for line in self.rfile:
                name, _, value = line.decode().strip().partition("=")
                if name:
                    asked[name] = value
                    continue
                self.wfile.write(f"action={greylist.action(asked.get('recipient', ''))}\n\n".encode())
                asked = {}

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Answer) as server:
        server.daemon_threads = True
        greylist.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield greylist
        finally:
            server.shutdown()
            thread.join()
