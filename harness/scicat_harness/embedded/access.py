"""Callers, their kinds, and the comparison of groups that every authorization uses.

See specification: identity.kinds. Admin, create-privileged, update-privileged and plain are tested
in this order, and the first kind that fits is the only one that counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from scicat_harness.embedded.defects import Defects
from scicat_harness.embedded.settings import Settings

__all__ = ["ANONYMOUS", "CallerKind", "Policy", "RequestCaller"]


class CallerKind(Enum):
    """The kinds of callers, in the order in which they are tested.

    Deleters are no kind of their own: ``DELETE_JOB_GROUPS`` counts on top of any kind.
    """

    ANONYMOUS = "anonymous"
    ADMIN = "admin"
    CREATE_PRIVILEGED = "create-privileged"
    UPDATE_PRIVILEGED = "update-privileged"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class RequestCaller:
    """The identity behind a request.

    ``groups`` are those of the account, ``id`` is its id. A token without an id gives an
    authenticated caller without groups (specification: token).
    """

    username: str
    email: str | None = None
    groups: tuple[str, ...] = ()
    id: str | None = None
    authenticated: bool = True


ANONYMOUS = RequestCaller("anonymous", authenticated=False)


@dataclass(frozen=True, slots=True)
class Policy:
    """The comparison of a caller's groups with the groups of environment and documents."""

    settings: Settings
    defect: Defects

    def kind(self, caller: RequestCaller) -> CallerKind:
        """Return the kind of a caller: the first that fits, in the order of CallerKind."""
        if not caller.authenticated:
            return CallerKind.ANONYMOUS
        if self.is_admin(caller.groups):
            return CallerKind.ADMIN
        # Who is on both privileged lists counts as create-privileged only (privileged.groups).
        if self.listed(caller.groups, self.settings.create_job_privileged_groups):
            return CallerKind.CREATE_PRIVILEGED
        if self.listed(caller.groups, self.settings.update_job_privileged_groups):
            return CallerKind.UPDATE_PRIVILEGED
        return CallerKind.PLAIN

    def is_admin(self, groups: Iterable[str]) -> bool:
        """Return whether one of the groups is in ``ADMIN_GROUPS``."""
        if self.defect("groups.admin-name-hard-coded"):
            return "admin" in groups
        return self.listed(groups, self.settings.admin_groups)

    def deletes_jobs(self, caller: RequestCaller) -> bool:
        """Return whether the caller is in a group of ``DELETE_JOB_GROUPS``."""
        return self.listed(caller.groups, self.settings.delete_job_groups)

    def listed(self, groups: Iterable[str], names: tuple[str, ...]) -> bool:
        """Return whether one of the groups is in a group list of the environment."""
        # Before v5.2.0 the privileged lists were one text each; here they are split at commas.
        if self.defect("groups.environment.first-entry-only"):
            names = names[:1]
        mine = tuple(groups)
        return any(self.belongs(mine, name) for name in names)

    def overlap(self, groups: Iterable[str], wanted: object) -> bool:
        """Return whether one of the groups is in a list of a document; False if it is no list."""
        mine = tuple(groups)
        return isinstance(wanted, list) and any(self.belongs(mine, name) for name in wanted)

    def belongs(self, groups: Iterable[str], wanted: object) -> bool:
        """Return whether ``wanted`` is one of the groups.

        Names are compared exactly. The empty name is never a group, so an unset list of the
        environment, which splits into one empty name, admits nobody.
        """
        if not isinstance(wanted, str) or not wanted:
            return False
        # Blank names of a user are left out (specification: identity.kinds).
        mine = [group for group in groups if group]
        if self.defect("groups.first-of-the-user-only"):
            mine = mine[:1]
        return any(self._same(group, wanted) for group in mine)

    def _same(self, group: str, wanted: str) -> bool:
        if self.defect("groups.prefix"):
            return group.startswith(wanted) or wanted.startswith(group)
        if self.defect("groups.case-insensitive"):
            return group.lower() == wanted.lower()
        return group == wanted
