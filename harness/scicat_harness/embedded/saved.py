"""What outlives a backend: its documents and accounts in one JSON file.

Stands in for the real backend's database. Dates are written as ``{"$date": ...}``; an object of a
user that looks like one is wrapped, so that everything comes back as it was.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from scicat_harness.embedded.accounts import FunctionalAccount
from scicat_harness.embedded.failures import BootFailure
from scicat_harness.embedded.store import Store

__all__ = ["Saved"]

_DATE, _PLAIN = "$date", "$plain"


@dataclass(frozen=True, slots=True)
class Saved:
    """The documents and the accounts of a backend."""

    store: Store = field(default_factory=Store)
    accounts: tuple[FunctionalAccount, ...] = ()

    @classmethod
    def load(cls, path: Path) -> "Saved":
        """What a file holds, nothing if there is none; raises BootFailure for any other file."""
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            content = _decoded(raw)
            accounts = (
                FunctionalAccount(**{**entry, "groups": tuple(entry["groups"])})
                for entry in content["accounts"]
            )
            store = Store(content["jobs"], content["datasets"], content["blocks"])
            return cls(store, tuple(accounts))
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise BootFailure(
                f"Error: {path} holds no data of an embedded backend: {error}"
            ) from None

    def write(self, path: Path) -> None:
        """Replace the file at once; raises OSError."""
        content = {
            "jobs": self.store.jobs,
            "datasets": self.store.datasets,
            "blocks": self.store.blocks,
            "accounts": [asdict(account) for account in self.accounts],
        }
        text = json.dumps(_encoded(content), ensure_ascii=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise


def _encoded(value: Any) -> Any:
    match value:
        case datetime():
            return {_DATE: value.isoformat()}
        case Mapping():
            inner = {key: _encoded(member) for key, member in list(value.items())}
            return {_PLAIN: inner} if inner.keys() & {_DATE, _PLAIN} else inner
        case list() | tuple():
            return [_encoded(item) for item in value]
        case _:
            return value


def _decoded(value: Any) -> Any:
    match value:
        case {"$date": str(text)} if len(value) == 1:
            return datetime.fromisoformat(text)
        case {"$plain": dict(inner)} if len(value) == 1:
            return {key: _decoded(member) for key, member in inner.items()}
        case dict():
            return {key: _decoded(member) for key, member in value.items()}
        case list():
            return [_decoded(item) for item in value]
        case _:
            return value
