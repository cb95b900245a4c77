"""What a job type causes beyond storing a job: the protocol of actions and their context.

See specification: actions.phases, templates.context. An action validates first, performs later.
Another action is added by a class that satisfies :class:`Action` and a line in
:mod:`scicat_harness.embedded.actions.registry`, or in another package by an entry point.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

__all__ = ["ActionHandler", "Context"]


@dataclass(frozen=True, slots=True)
class Context:
    """What actions, and the templates in them, can see of an operation."""

    operation: str
    job_type: str
    request: Mapping[str, Any]
    job: object = None
    datasets: list[dict[str, Any]] = field(default_factory=list)
    env: Mapping[str, str] = field(default_factory=dict)
    previous: Mapping[str, Any] | None = None

    @property
    def job_id(self) -> str:
        """The id of the stored job."""
        return str(self.job["id"]) if isinstance(self.job, Mapping) else "undefined"

    def values(self) -> dict[str, Any]:
        """The context by the names that templates use, in the real backend's order."""
        if self.operation == "update":
            return {
                "request": self.request,
                "job": self.job,
                "env": self.env,
                "datasets": self.datasets,
            }
        values = {"request": self.request, "env": self.env, "datasets": self.datasets}
        return values if self.job is None else {**values, "job": self.job}


class ActionHandler(Protocol):
    """One configured action of one operation."""

    @property
    def kind(self) -> str:
        """The ``actionType``."""

    async def validate(self, context: Context) -> None:
        """Run before the job is stored; raises Failure to refuse the request."""

    async def perform(self, context: Context) -> None:
        """Run after the job is stored; raises Failure or TemplateFailure."""
