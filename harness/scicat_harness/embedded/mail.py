"""Mails: parse address lists, and encode a message as the real backend's library does.

See specification: action.email. A line break does not separate addresses. So a name before a colon
becomes a group, and only its members get the mail.
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

# Quoted text, comment, address in angle brackets, separator, plain text, anything else.
_TOKEN = re.compile(
    r'"((?:\\.|[^"\\])*)"|\(([^)]*)\)|<([^>]*)>|([,;:])|([^",;:<(]+)|(.)', re.DOTALL
)
_BARE = re.compile(r"[^@\s]+@[^@\s]+")
# Characters in an encoded word, without its frame, and in a line. RFC 2047 and RFC 5322 allow more.
_WORD_ROOM = 40
_LINE_ROOM = 76
_PLAIN_NAME = re.compile(r"[\w ']*", re.ASCII)
_Q_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox: a display name, which may be empty, and an address."""

    name: str
    address: str

    @property
    def shown(self) -> str:
        """The mailbox as it is written in a header."""
        return f"{_phrase(self.name)} <{self.address}>" if self.name else self.address


@dataclass(frozen=True, slots=True)
class AddressGroup:
    """A group of mailboxes, ``NAME:a@x.org,b@x.org;``."""

    name: str
    members: tuple[Address, ...]

    @property
    def shown(self) -> str:
        """The group as it is written in a header."""
        return f"{_phrase(self.name)}:{', '.join(member.shown for member in self.members)};"


def addresses(text: str) -> list[Address | AddressGroup]:
    """Return the mailboxes and groups in a list separated by commas or semicolons.

    Text that holds no address is left out. Example: ``addresses("A <a@x.org>; b@x.org")`` has two
    mailboxes, ``addresses("a@x.org\\r\\nBcc: b@x.org")`` one group with the member ``b@x.org``.
    """
    found: list[Address | AddressGroup] = []
    parts: list[tuple[str, str]] = []
    group: str | None = None
    members: list[Address] = []
    unfinished: list[tuple[str, str]] = []
    for quoted, comment, angled, operator, plain, _ in [*_TOKEN.findall(text), _END]:
        # A second colon has no meaning; it is dropped.
        if operator == ":" and group is None:
            group, parts = _name_of(parts), []
        elif operator in (",", ";"):
            address = _address([*unfinished, *parts] if _is_named(parts) else parts)
            # A comma in a name that is not quoted: "Service, DOI <a@x.org>" is one mailbox.
            unfinished = [*unfinished, *parts, ("plain", ",")] if address is None else []
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


# A separator at the end, so that the last address needs no case of its own.
_END = ("", "", "", ";", "", "")


def _name_of(parts: list[tuple[str, str]]) -> str:
    return " ".join(" ".join(text for _, text in parts).split()).replace(" ,", ",")


def _is_named(parts: list[tuple[str, str]]) -> bool:
    kinds = [kind for kind, _ in parts]
    return "angled" in kinds and ("plain" in kinds or "quoted" in kinds)


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
        # SMTP without SMTPUTF8 needs domains in ASCII (Punycode).
        domain = domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        return None
    return Address(name, f"{user}@{domain}")


def recipients(listed: list[Address | AddressGroup]) -> Iterator[str]:
    """Return each address once, in order; those of a group in its place."""
    seen: set[str] = set()
    for entry in listed:
        for member in entry.members if isinstance(entry, AddressGroup) else (entry,):
            if member.address not in seen:
                seen.add(member.address)
                yield member.address


@dataclass(frozen=True, slots=True)
class Mail:
    """One HTML mail; ``sender``, ``to`` and ``reply_to`` are address lists."""

    sender: str
    to: str
    subject: str
    html: str
    reply_to: str = ""

    @property
    def from_address(self) -> str:
        """The first address of the sender, used for the SMTP transaction."""
        return next(recipients(addresses(self.sender)), "")

    def content(self) -> bytes:
        """Return the message as bytes, headers in the order of the real backend.

        Empty headers are left out. The body is 7bit, quoted-printable or base64, whichever its
        characters need.
        """
        encoding, body = _body(self.html)
        domain = self.from_address.rpartition("@")[2] or "localhost"
        headers = {
            "From": _listed(self.sender),
            "To": _listed(self.to),
            "Reply-To": _listed(self.reply_to),
            # A line break in a rendered subject would begin another header.
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
    # Quoted-printable is shorter than base64 as long as most letters need no encoding.
    letters = sum(letter.isascii() and letter.isalpha() for letter in text)
    return sum(not letter.isascii() for letter in text) < letters


def _encoded(text: str) -> str:
    """Return the text as encoded words (RFC 2047), unchanged if it is ASCII."""
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
        # Not within the name of the header, and never inside a word, however long.
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
