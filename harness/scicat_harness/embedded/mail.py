"""Mails: the addresses in a text, and the message as it goes over the wire.

See specification: action.email. A line break in an address is no separator, which is how a
name before a colon becomes a group and only its members get the mail.
"""

import base64
import quopri
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

__all__ = ["Address", "AddressGroup", "Mail", "addresses", "recipients"]

_TOKEN = re.compile(
    r'"((?:\\.|[^"\\])*)"|\(([^)]*)\)|<([^>]*)>|([,;:])|([^",;:<(]+)|(.)', re.DOTALL
)
_BARE = re.compile(r"[^@\s]+@[^@\s]+")
_WORD_ROOM = 40
_LINE_ROOM = 76
_PLAIN_NAME = re.compile(r"[\w ']*", re.ASCII)
_Q_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox."""

    name: str
    address: str

    @property
    def shown(self) -> str:
        """The address as a header shows it."""
        return f"{_phrase(self.name)} <{self.address}>" if self.name else self.address


@dataclass(frozen=True, slots=True)
class AddressGroup:
    """A name with the mailboxes of its members."""

    name: str
    members: tuple[Address, ...]

    @property
    def shown(self) -> str:
        """The group as a header shows it."""
        return f"{_phrase(self.name)}:{', '.join(member.shown for member in self.members)};"


def addresses(text: str) -> list[Address | AddressGroup]:
    """Mailboxes and groups in a list separated by commas or semicolons."""
    found: list[Address | AddressGroup] = []
    parts: list[tuple[str, str]] = []
    group: str | None = None
    members: list[Address] = []
    for quoted, comment, angled, operator, plain, _ in [*_TOKEN.findall(text), _END]:
        if operator == ":" and group is None:
            group, parts = _name_of(parts), []
        elif operator in (",", ";"):
            address = _address(parts)
            parts = []
            if group is None:
                found += [address] if address else []
                continue
            members += [address] if address else []
            if operator == ";":
                found.append(AddressGroup(group, tuple(members)))
                group, members = None, []
        else:
            pieces = (("quoted", quoted), ("comment", comment), ("angled", angled))
            parts += [piece for piece in (*pieces, ("plain", plain)) if piece[1]]
    return found


_END = ("", "", "", ";", "", "")


def _name_of(parts: list[tuple[str, str]]) -> str:
    return " ".join(" ".join(text for _, text in parts).split())


def _address(parts: list[tuple[str, str]]) -> Address | None:
    angled = next((text.strip() for kind, text in parts if kind == "angled"), "")
    names = [(kind, text) for kind, text in parts if kind in ("plain", "quoted")]
    if angled:
        return _mailbox(_name_of(names), angled)
    text = _name_of([part for part in names if part[0] == "plain"])
    bare = _BARE.search(text)
    if bare is None:
        return None
    rest = f"{text[: bare.start()]} {text[bare.end() :]}"
    return _mailbox(" ".join(rest.split()), bare[0])


def _mailbox(name: str, text: str) -> Address | None:
    user, at, domain = text.rpartition("@")
    if not at or not user or not domain:
        return None
    try:
        domain = domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        return None
    return Address(name, f"{user}@{domain}")


def recipients(listed: list[Address | AddressGroup]) -> Iterator[str]:
    """Every address once, in order."""
    seen: set[str] = set()
    for entry in listed:
        for member in entry.members if isinstance(entry, AddressGroup) else (entry,):
            if member.address not in seen:
                seen.add(member.address)
                yield member.address


@dataclass(frozen=True, slots=True)
class Mail:
    """One HTML mail."""

    sender: str
    to: str
    subject: str
    html: str
    reply_to: str = ""

    @property
    def from_address(self) -> str:
        """The address that the mail comes from."""
        return next(recipients(addresses(self.sender)), "")

    def content(self) -> bytes:
        """The message with its headers in the order of the real backend's."""
        encoding, body = _body(self.html)
        domain = self.from_address.rpartition("@")[2] or "localhost"
        headers = {
            "From": _listed(self.sender),
            "To": _listed(self.to),
            "Reply-To": _listed(self.reply_to),
            "Subject": _encoded(re.sub(r"\r?\n|\r", " ", self.subject)),
            "Message-ID": f"<{uuid.uuid4()}@{domain}>",
            "Content-Transfer-Encoding": encoding,
            "Date": format_datetime(datetime.now(UTC)),
            "MIME-Version": "1.0",
            "Content-Type": "text/html; charset=utf-8" if self.html else "text/plain",
        }
        lines = [_folded(f"{name}: {value}") for name, value in headers.items() if value.strip()]
        return "\r\n".join([*lines, "", ""]).encode("utf-8") + body


def _listed(text: str) -> str:
    return ", ".join(entry.shown for entry in addresses(text))


def _phrase(name: str) -> str:
    if not name.isascii():
        return _encoded(name)
    if _PLAIN_NAME.fullmatch(name):
        return name
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"'


def _mostly_latin(text: str) -> bool:
    letters = sum(letter.isascii() and letter.isalpha() for letter in text)
    return sum(not letter.isascii() for letter in text) < letters


def _encoded(text: str) -> str:
    """RFC 2047 words where the text needs them."""
    if text.isascii():
        return text
    kind = "Q" if _mostly_latin(text) else "B"
    words = [""]
    for letter in text:
        longer = words[-1] + letter
        if len(_word(longer, kind)) > _WORD_ROOM:
            words.append(letter)
        else:
            words[-1] = longer
    return " ".join(f"=?UTF-8?{kind}?{_word(word, kind)}?=" for word in words)


def _word(text: str, kind: str) -> str:
    raw = text.encode("utf-8", errors="replace")
    if kind == "B":
        return base64.b64encode(raw).decode()
    return "".join(
        chr(byte) if byte in _Q_PLAIN else "_" if byte == ord(" ") else f"={byte:02X}"
        for byte in raw
    )


def _folded(line: str) -> str:
    lines = []
    while len(line) > _LINE_ROOM:
        space = line.rfind(" ", 1, _LINE_ROOM + 1)
        if space <= line.find(": ") + 1:
            space = line.find(" ", _LINE_ROOM)
        if space < 0:
            break
        lines.append(line[:space])
        line = line[space:]
    return "\r\n".join([*lines, line])


def _body(html: str) -> tuple[str, bytes]:
    text = re.sub(r"\r\n|\r|\n", "\n", html)
    if not text:
        return "", b"\r\n"
    plain = text.isascii() and all(len(line) <= _LINE_ROOM for line in text.split("\n"))
    encoding, raw = "7bit", text.encode("utf-8", errors="replace")
    if not plain and (text.isascii() or _mostly_latin(text)):
        encoding, raw = "quoted-printable", quopri.encodestring(raw)
    elif not plain:
        encoding, raw = "base64", base64.encodebytes(raw)
    return encoding, raw.removesuffix(b"\n").replace(b"\n", b"\r\n") + b"\r\n"
