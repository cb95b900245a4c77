"""Arrivals: mails, URL calls and messages as sinks received them, with their correlation."""

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
    """One mail, URL call or message that a sink received.

    ``content`` by channel:

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
    """The time of arrival, in seconds since the epoch."""
    channel: str
    source: str
    """The listener or queue it came through."""
    tokens: tuple[str, ...]
    """Every correlation token in the decoded content, sorted."""
    correlation: str | None
    """The greatest token. Tokens sort by age, so it is that of the latest request: an update shows
    the token of the request that made the job as well as its own."""
    content: Mapping[str, Any]
    behaviour: Mapping[str, Any] | None = None
    """The behaviour of the sink, None for the usual reply; ``kind`` is the name of its class."""

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        data = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**data, "tokens": list(self.tokens)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Arrival:
        """Return the arrival that ``to_json`` made the data of."""
        return cls(**{**data, "tokens": tuple(data["tokens"])})


def strings_in(value: object) -> Iterator[str]:
    """Yield every string in nested plain data, without the keys of mappings."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from strings_in(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from strings_in(each)
