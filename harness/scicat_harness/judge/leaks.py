"""Secrets of this run, and where they show: in a reply, a mail, a call, a message or the log.

Nothing that SciCat sends out may contain a token, a password, or the key that signs tokens.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

__all__ = ["Planted"]

_SHORTEST = 12
"""The least length of a secret that is searched for; a shorter one may be part of a word."""
_OF_TOKENS = "eyJ"
"""The beginning of every JWT: ``{"`` in base64."""


@dataclass(frozen=True, slots=True)
class Planted:
    """The secrets of a backend by their names, such as ``the token of user1``."""

    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)
    others: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, tokens: Mapping[str, str | None], others: Mapping[str, str]) -> Planted:
        """Return the secrets of identities with these tokens, and others by their names."""
        signed = {f"the token of {name}": each or "" for name, each in tokens.items()}
        return cls(_searched(signed), _searched(others))

    def found_in(self, text: str) -> Iterator[str]:
        """Yield the names of the secrets that a text contains."""
        # Most texts have no token, and there are many to search for.
        if _OF_TOKENS in text:
            yield from (name for name, secret in self.tokens.items() if secret in text)
        yield from (name for name, secret in self.others.items() if secret in text)


def _searched(secrets: Mapping[str, str]) -> dict[str, str]:
    return {name: secret for name, secret in secrets.items() if len(secret) >= _SHORTEST}
