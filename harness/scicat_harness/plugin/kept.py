"""Kept setups: a state file that the keeper writes, and runs against the setup read."""

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
    """Return the private folder of the setup of that name, which need not exist.

    Its files contain passwords. Raises ``UsageFault`` for a name that is not one path segment,
    since ``down`` removes the whole folder.
    """
    if not _NAME.fullmatch(name):
        raise UsageFault(
            f"--name {name!r}: give letters, digits, '-' and '_', beginning with a letter or digit"
        )
    return private_folder(state_folder() / "kept") / name


def kept_names() -> list[str]:
    """Return the names of all setups that have a state file, sorted."""
    folder = kept_folder("any").parent
    return sorted(each.parent.name for each in folder.glob(f"*/{_STATE}"))


@dataclass(frozen=True, slots=True)
class State:
    """The content of a state file: the keeper's process, the options, and the setup's addresses."""

    process: int
    started: str | None
    """Start time of the process. The system may give its number to another one later."""
    folder: str
    """The run folder of the process, which it locks while it lives."""
    run: str
    options: Mapping[str, Any]
    """The options of ``up`` that were given, by their internal names."""
    prepared_backends: Mapping[str, Any]
    """``PreparedBackend.to_json`` by name of the site."""
    services: Mapping[str, Any] | None
    about: list[str]
    journal: str | None
    judged: Mapping[str, str]

    @classmethod
    def read(cls, name: str) -> State | None:
        """Return the state of the setup of that name, None if there is none.

        Raises ``UsageFault`` if the file is damaged, or written by another version.
        """
        path = kept_folder(name) / _STATE
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError):
            raise UsageFault(
                f"{path} has another format than this version of the harness writes; end the setup "
                "with the version that started it, or end its process and remove the folder"
            ) from None

    @property
    def is_alive(self) -> bool:
        """True if a process keeps the setup, even if that process cannot be seen from here."""
        # By the lock of its run folder: a process number means nothing in another container.
        return has_owner(Path(self.folder))

    @property
    def is_visible(self) -> bool:
        """True if the process can be seen, and so ended, from here."""
        return is_alive(self.process, self.started)


def write_state(name: str, state: State) -> None:
    """Write the state file of a setup atomically, readable by the user alone."""
    folder = kept_folder(name)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = folder / f"{_STATE}.draft"
    # Created with its mode before any content is in it, since tokens and secrets are.
    draft.touch(mode=0o600)
    fields = {each: getattr(state, each) for each in State.__slots__}
    draft.write_text(json.dumps(fields), encoding="utf-8")
    # A rename is atomic: start_keeper() polls the file and never reads a half-written one.
    draft.replace(folder / _STATE)


def forget_state(name: str) -> None:
    """Remove the state file of a setup, so that no run uses it any more."""
    (kept_folder(name) / _STATE).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept setup as one run uses it; has the interface of ``Setup``, but ends nothing.

    ``epoch`` numbers the runs against the setup, such as ``k3``. Their correlations differ by it.
    """

    state: State
    epoch: str

    @classmethod
    def of(cls, name: str) -> Kept:
        """Return the setup of that name for a new run; raise ``UsageFault`` if it is not up."""
        state = State.read(name)
        if state is None or not state.is_alive:
            raise UsageFault(
                f"--kept {name}: no setup of that name is up; start one with "
                f"'scicat-harness up --name {name}'"
            )
        return cls(state, f"k{_next_number(kept_folder(name) / _RUNS)}")

    @property
    def took(self) -> dict[str, float]:
        """Seconds by stage of the start; empty, since the run starts nothing."""
        return {}

    @property
    def about(self) -> list[str]:
        """The subjects that can be observed with the setup (``Deviation.about``)."""
        return self.state.about

    @property
    def judged(self) -> Mapping[str, str]:
        """Name and digest of the image of the backends, if there is one."""
        return self.state.judged

    @property
    def services(self) -> Mapping[str, Any] | None:
        """Addresses that another process needs to start backends of its own."""
        return self.state.services

    @property
    def journal(self) -> Path | None:
        """The file to which the sinks write every effect."""
        return Path(self.state.journal) if self.state.journal is not None else None

    def start(self) -> Mapping[str, PreparedBackend]:
        """Return the prepared backends, which run already, by name of the site."""
        return {
            name: PreparedBackend.from_json(data)
            for name, data in self.state.prepared_backends.items()
        }

    def close(self, enough: Callable[[], bool]) -> list[str]:
        """Do nothing, since the setup stays up; return no leftovers."""
        del enough
        return []

    @property
    def findings(self) -> list[str]:
        """Differences found while removing; empty, since a run removes nothing from it."""
        return []


def _next_number(path: Path) -> int:
    """Return the number of earlier runs against the setup, and count this one."""
    with path.open("a+", encoding="utf-8") as file:
        # Several runs may start at once; each needs a number of its own.
        fcntl.flock(file, fcntl.LOCK_EX)
        # "a+" opens at the end.
        file.seek(0)
        number = int(file.read() or 0)
        file.seek(0)
        file.truncate()
        file.write(str(number + 1))
    return number
