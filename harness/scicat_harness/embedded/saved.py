"""The data file of a backend: documents and accounts as JSON, in place of a database.

Dates are written as ``{"$date": TEXT}``. An object of a user that has such a key is wrapped as
``{"$plain": OBJECT}``, so that loading returns exactly what was stored.
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
    """The documents and accounts of a backend, as loaded from or written to its file."""

    store: Store = field(default_factory=Store)
    accounts: tuple[FunctionalAccount, ...] = ()

    @classmethod
    def load(cls, path: Path) -> "Saved":
        """Return the data in a file, no data if the file does not exist.

        Raises BootFailure for a file that cannot be read or holds anything else.
        """
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
        # ValueError covers bad JSON, KeyError and TypeError a file of another program.
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise BootFailure(
                f"Error: {path} holds no data of an embedded backend: {error}. Name another file."
            ) from None

    def write(self, path: Path) -> None:
        """Write the data and replace the file in one step.

        Raises OSError; then the old file is still complete and no temporary file is left.
        """
        content = {
            "jobs": self.store.jobs,
            "datasets": self.store.datasets,
            "blocks": self.store.blocks,
            "accounts": [asdict(account) for account in self.accounts],
        }
        text = json.dumps(_encoded(content), ensure_ascii=True)
        # In the same folder: only within one file system a rename replaces in one step.
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
            # A copy: a broker failure writes from its thread while a request may store.
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
