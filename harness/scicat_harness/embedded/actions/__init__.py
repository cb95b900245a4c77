"""Actions: the protocol that each action implements, and the context it gets.

See specification: actions.phases, templates.context. An action validates before the job is stored
and performs after it. To add one, write a class that implements :class:`ActionHandler` and list it
in :mod:`scicat_harness.embedded.actions.registry`, or add an entry point in another package.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

__all__ = ["ActionHandler", "Context"]


@dataclass(frozen=True, slots=True)
class Context:
    """The operation as its actions, and the templates in them, see it.

    ``operation`` is ``create`` or ``update``, ``request`` the v4 body, ``env`` the environment of
    the backend with its secrets. ``previous`` is the job before an update; only defects use it.
    """

    operation: str
    job_type: str
    request: Mapping[str, Any]
    job: object = None
    datasets: list[dict[str, Any]] = field(default_factory=list)
    env: Mapping[str, str] = field(default_factory=dict)
    previous: Mapping[str, Any] | None = None

    @property
    def job_id(self) -> str:
        """The id of the stored job, ``undefined`` while a create is validated."""
        return str(self.job["id"]) if isinstance(self.job, Mapping) else "undefined"

    def values(self) -> dict[str, Any]:
        """Return the context by the names that templates use.

        The order is that of the real backend, which ``{{{jsonify this}}}`` shows. While a create is
        validated there is no ``job``.
        """
        if self.operation == "update":
            return {
                "request": self.request,
                "job": self.job,
                "env": self.env,
                "datasets": self.datasets,
            }
        # On create the job is added last, once it exists.
        values = {"request": self.request, "env": self.env, "datasets": self.datasets}
        return values if self.job is None else {**values, "job": self.job}


class ActionHandler(Protocol):
    """One configured action of one operation, used by all requests to its job type."""

    @property
    def kind(self) -> str:
        """The ``actionType`` of the configuration."""

    async def validate(self, context: Context) -> None:
        """Run before the job is stored.

        Raise HttpFailure to refuse the request. Thrown is swallowed, and the request goes on.
        """

    async def perform(self, context: Context) -> None:
        """Run after the job is stored, for its effects.

        Raise HttpFailure or Thrown to fail the request; the job stays stored, and the actions
        behind this one do not run.
        """
