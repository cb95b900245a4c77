"""Setups that are kept: written down by the process that keeps one, read by runs against it."""

from __future__ import annotations

import fcntl
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scicat_harness.errors import UsageFault
from scicat_harness.probe.prepared import PreparedBackend
from scicat_harness.state.alive import is_alive
from scicat_harness.state.folder import private_folder, state_folder
from scicat_harness.state.runs import has_owner

__all__ = ["Kept", "State", "forget_state", "kept_folder", "kept_names", "write_state"]

_STATE = "state.json"
_RUNS = "runs"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


def kept_folder(name: str) -> Path:
    """Where the setup of that name is written down; passwords are in it.

    It is removed as a whole in the end, so a name that leads elsewhere is a UsageFault.
    """
    if not _NAME.fullmatch(name):
        raise UsageFault(
            f"--name {name!r}: give letters, digits, '-' and '_', beginning with a letter or digit"
        )
    return private_folder(state_folder() / "kept") / name


def kept_names() -> list[str]:
    """The names of everything that is written down."""
    folder = kept_folder("any").parent
    return sorted(each.parent.name for each in folder.glob(f"*/{_STATE}"))


@dataclass(frozen=True, slots=True)
class State:
    """What is written down of a setup: its process, its options, and how to reach it."""

    process: int
    started: str | None
    """When that process was started: its number alone may be another's by now."""
    folder: str
    """The run folder of that process, locked while it lives."""
    run: str
    options: Mapping[str, Any]
    prepared_backends: Mapping[str, Any]
    services: Mapping[str, Any] | None
    about: list[str]
    journal: str | None
    judged: Mapping[str, str]

    @classmethod
    def read(cls, name: str) -> State | None:
        """The setup of that name, None if there is none; a UsageFault if it cannot be read."""
        path = kept_folder(name) / _STATE
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError):
            raise UsageFault(
                f"{path} is not what this version of the harness writes; end the setup with the "
                "version that started it, or end its process and remove the folder"
            ) from None

    @property
    def is_alive(self) -> bool:
        """Whether somebody keeps it still, seen from here or not."""
        return has_owner(Path(self.folder))

    @property
    def is_visible(self) -> bool:
        """Whether its process can be seen, and told to end, from here."""
        return is_alive(self.process, self.started)


def write_state(name: str, state: State) -> None:
    """Write it down at once or not at all; nobody else may read it."""
    folder = kept_folder(name)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = folder / f"{_STATE}.draft"
    draft.touch(mode=0o600)
    fields = {each: getattr(state, each) for each in State.__slots__}
    draft.write_text(json.dumps(fields), encoding="utf-8")
    draft.replace(folder / _STATE)


def forget_state(name: str) -> None:
    """It is not up any more."""
    (kept_folder(name) / _STATE).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Kept:
    """A setup that another process keeps, for one run; nothing of it is ended by the run."""

    state: State
    epoch: str

    @classmethod
    def of(cls, name: str) -> Kept:
        """The setup of that name; a UsageFault where there is none."""
        state = State.read(name)
        if state is None or not state.is_alive:
            raise UsageFault(
                f"--kept {name}: no setup of that name is up; start one with "
                f"'scicat-harness up --name {name}'"
            )
        return cls(state, f"k{_next_number(kept_folder(name) / _RUNS)}")

    @property
    def took(self) -> dict[str, float]:
        """Nothing was started."""
        return {}

    @property
    def about(self) -> list[str]:
        """What can be looked at with it."""
        return self.state.about

    @property
    def judged(self) -> Mapping[str, str]:
        """What the backends were made of."""
        return self.state.judged

    @property
    def services(self) -> Mapping[str, Any] | None:
        """What another process needs to start backends of its own."""
        return self.state.services

    @property
    def journal(self) -> Path | None:
        """Where every arrival is written down."""
        return Path(self.state.journal) if self.state.journal is not None else None

    def start(self) -> Mapping[str, PreparedBackend]:
        """Its backends, which run already."""
        return {
            name: PreparedBackend.from_json(data)
            for name, data in self.state.prepared_backends.items()
        }

    def close(self, enough: Callable[[], bool]) -> list[str]:
        """It stays; nothing is left that should not be."""
        del enough
        return []

    @property
    def findings(self) -> list[str]:
        """Nothing is removed from it by a run."""
        return []


def _next_number(path: Path) -> int:
    """How many runs there were before, counted for several at once."""
    with path.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        number = int(file.read() or 0)
        file.seek(0)
        file.truncate()
        file.write(str(number + 1))
    return number
