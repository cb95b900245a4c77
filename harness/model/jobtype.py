"""Job types as the rules see them: a name and two auth values."""

from __future__ import annotations

from dataclasses import dataclass

from harness.model.auth import CreateAuth, UpdateAuth, create_auth, update_auth

__all__ = ["JobType"]


@dataclass(frozen=True, slots=True)
class JobType:
    """One entry of a job configuration; a missing ``auth`` key is None."""

    name: str
    create: str | None
    update: str | None

    @property
    def create_kind(self) -> CreateAuth:
        """The kind of the create auth value."""
        return create_auth(self.create)

    @property
    def update_kind(self) -> UpdateAuth:
        """The kind of the update auth value."""
        return update_auth(self.update)
