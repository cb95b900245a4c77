"""The plan: the cases by which a facility's configuration is verified, and what cannot be.

``facility.planning`` makes it. A case is one request; the oracle predicts its outcome.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from scicat_harness.facility.site import NAME, Cast
from scicat_harness.model.identity import Identity
from scicat_harness.model.request import CreateRequest, Operation, UpdateRequest
from scicat_harness.model.site import Site
from scicat_harness.oracle.predict import Oracle, Prediction

__all__ = [
    "MOST_CASES",
    "MOST_STEPS",
    "WHOLE",
    "Beyond",
    "Plan",
    "PlanFull",
    "PlannedCase",
]

MOST_CASES = 20_000
"""The most cases of a plan, so that a run ends."""


class PlanFull(Exception):
    """No more cases fit into the plan."""


# Steps are counted instead of time, so that every run makes the same plan.
MOST_STEPS = 1_500_000
WHOLE = "the whole plan"


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """One request of a plan.

    ``made`` is the create request for the job of an update, which the janitor sends first.
    ``about`` is ``authorization`` or ``actions``; ``name`` is a sentence in kebab case.
    """

    name: str
    identity: Identity
    request: CreateRequest | UpdateRequest
    made: CreateRequest | None = None
    about: str = "authorization"
    site: str = NAME

    @property
    def operation(self) -> Operation:
        """Create or update."""
        creating = isinstance(self.request, CreateRequest)
        return Operation.CREATE if creating else Operation.UPDATE

    @property
    def id(self) -> str:
        """The id: operation, job type, and the case in words."""
        return f"{self.operation}-{self.request.job_type}-{self.about}-{self.name}"

    def predict(self, oracle: Oracle) -> Prediction:
        """Return the prediction of an oracle, without rendering the templates of the actions."""
        if isinstance(self.request, CreateRequest):
            return oracle.create(self.identity, self.request)
        return oracle.update(self.identity, self.request)


@dataclass(frozen=True, slots=True)
class Beyond:
    """A part of the configuration that cannot be verified, with the reason."""

    name: str
    job_type: str
    operation: Operation
    reason: str
    site: str = NAME

    @property
    def id(self) -> str:
        """The id, in the form of a case."""
        return f"{self.operation}-{self.job_type}-{self.name}"


@dataclass(slots=True)
class Plan:
    """The cases of a facility, and the parts that cannot be verified.

    ``beyond`` has those parts. The cases run on the backend of ``site``.
    """

    site: Site
    cast: Cast = Cast()
    silent: list[PlannedCase] = field(default_factory=list)
    """Cases without an effect that change no job of other cases; settled in batches."""
    acting: list[PlannedCase] = field(default_factory=list)
    """The other cases, each between two barriers."""
    beyond: list[Beyond] = field(default_factory=list)
    unrendered: list[str] = field(default_factory=list)
    """The branches of templates that no case renders, a line each."""

    @property
    def cases(self) -> list[PlannedCase]:
        """All cases, the silent ones first."""
        return [*self.silent, *self.acting]

    def add(self, case: PlannedCase, prediction: Prediction) -> None:
        """Add a case to the silent or acting ones by its prediction.

        Raises PlanFull if the plan has its 20,000 cases.
        """
        if len(self.silent) + len(self.acting) >= MOST_CASES:
            raise PlanFull
        # An update that is written changes its job, which silent cases share.
        changes = prediction.written and case.made is not None
        part = self.acting if prediction.effects or changes or prediction.dies else self.silent
        part.append(case)
