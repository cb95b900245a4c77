"""Who is calling, and of which kind: the vocabulary of every authorization decision.

See specification: identity.kinds. Admins, create-privileged, update-privileged and plain users
are told apart in this order, and the first kind that fits is the only one that counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from scicat_harness.embedded.defects import Defects
from scicat_harness.embedded.settings import Settings

__all__ = ["ANONYMOUS", "CallerKind", "Policy", "RequestCaller"]


class CallerKind(Enum):
    """The kinds of callers, in the order in which they are tested."""

    ANONYMOUS = "anonymous"
    ADMIN = "admin"
    CREATE_PRIVILEGED = "create-privileged"
    UPDATE_PRIVILEGED = "update-privileged"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class RequestCaller:
    """Whom a request speaks for."""

    username: str
    email: str | None = None
    groups: tuple[str, ...] = ()
    id: str | None = None
    authenticated: bool = True


ANONYMOUS = RequestCaller("anonymous", authenticated=False)


@dataclass(frozen=True, slots=True)
class Policy:
    """Compares the groups of callers with what the environment and the documents name."""

    settings: Settings
    defect: Defects

    def kind(self, caller: RequestCaller) -> CallerKind:
        """The one kind of a caller."""
        if not caller.authenticated:
            return CallerKind.ANONYMOUS
        if self.is_admin(caller.groups):
            return CallerKind.ADMIN
        if self.listed(caller.groups, self.settings.create_job_privileged_groups):
            return CallerKind.CREATE_PRIVILEGED
        if self.listed(caller.groups, self.settings.update_job_privileged_groups):
            return CallerKind.UPDATE_PRIVILEGED
        return CallerKind.PLAIN

    def is_admin(self, groups: Iterable[str]) -> bool:
        """Whether groups make an administrator."""
        if self.defect("groups.admin-name-hard-coded"):
            return "admin" in groups
        return self.listed(groups, self.settings.admin_groups)

    def deletes_jobs(self, caller: RequestCaller) -> bool:
        """Whether the caller is a member of the groups that delete jobs."""
        return self.listed(caller.groups, self.settings.delete_job_groups)

    def listed(self, groups: Iterable[str], names: tuple[str, ...]) -> bool:
        """Whether any of the groups is named in a list of the environment."""
        if self.defect("groups.environment.first-entry-only"):
            names = names[:1]
        mine = tuple(groups)
        return any(self.belongs(mine, name) for name in names)

    def overlap(self, groups: Iterable[str], wanted: object) -> bool:
        """Whether any of the groups is in a document's list of groups."""
        mine = tuple(groups)
        return isinstance(wanted, list) and any(self.belongs(mine, name) for name in wanted)

    def belongs(self, groups: Iterable[str], wanted: object) -> bool:
        """Whether a wanted group is one of the groups; no group is ever the empty one."""
        if not isinstance(wanted, str) or not wanted:
            return False
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
