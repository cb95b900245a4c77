"""Job types: a name, two auth values, and the actions of each operation."""

from __future__ import annotations

from dataclasses import dataclass

from scicat_harness.model.action import Action
from scicat_harness.model.auth import CreateAuth, UpdateAuth, create_auth, update_auth
from scicat_harness.model.release import ReleaseRange

__all__ = ["JobType"]


@dataclass(frozen=True, slots=True)
class JobType:
    """One entry of a job configuration; a missing ``auth`` key is None.

    ``releases`` are those that support everything the job type uses; the configuration for other
    releases leaves it out. Source: specification: configuration.file.
    """

    name: str
    create: str | None
    update: str | None
    on_create: tuple[Action, ...] = ()
    on_update: tuple[Action, ...] = ()
    releases: ReleaseRange = ReleaseRange()

    @property
    def actions(self) -> tuple[Action, ...]:
        """The actions on create, then those on update."""
        return (*self.on_create, *self.on_update)

    @property
    def create_kind(self) -> CreateAuth:
        """The kind of the create auth value."""
        return create_auth(self.create)

    @property
    def update_kind(self) -> UpdateAuth:
        """The kind of the update auth value."""
        return update_auth(self.update)
