"""An arrival: one side effect as it came in, with the requests it could have come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

__all__ = ["AMQP", "CHANNELS", "EMAIL", "URL", "Arrival", "strings_in"]

EMAIL = "email"
URL = "url"
AMQP = "amqp"
CHANNELS = (EMAIL, URL, AMQP)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One mail, URL call or message.

    ``content`` per channel:

    * email: ``stage`` reached (connect, helo, starttls, mail, rcpt, data), ``accepted``,
      ``mail_from``, ``rcpt_tos``, ``refused``; once there was DATA also ``subject``, ``from``,
      ``reply_to``, ``to``, ``headers``, ``html``, ``text``, ``parts`` and ``raw``
    * url: ``method``, ``path`` and ``query`` as on the wire, ``headers``, ``body`` or
      ``body_base64``, ``status`` answered (None when there was no answer)
    * amqp: ``exchange``, ``key``, ``properties``, ``body`` or ``body_base64``, ``json``,
      ``redelivered``

    ``headers`` are pairs of name and value, in order.
    """

    seq: int
    """Order of arrival over all channels, from 1."""
    at: float
    """Seconds since the epoch."""
    channel: str
    source: str
    """The listener or queue it came through."""
    tokens: tuple[str, ...]
    """Every correlation token in the decoded content, sorted."""
    correlation: str | None
    """The greatest token: tokens sort by age, so the latest request that could have caused it."""
    content: Mapping[str, Any]
    behaviour: Mapping[str, Any] | None = None
    """What was answered, when not the usual."""

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        data = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**data, "tokens": list(self.tokens)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Arrival:
        """From plain data."""
        return cls(**{**data, "tokens": tuple(data["tokens"])})


def strings_in(value: object) -> Iterator[str]:
    """Every string in nested plain data; keys of mappings do not count."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from strings_in(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from strings_in(each)
