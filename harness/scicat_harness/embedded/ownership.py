"""The owner of a new job: the claim of the request, its checks, and the resulting owner.

See specification: create.ownership; create.dataset-access for the groups that the datasets are
checked with.
"""

from dataclasses import dataclass

from scicat_harness.embedded.access import CallerKind, RequestCaller
from scicat_harness.embedded.accounts import FunctionalAccount
from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.failures import denial
from scicat_harness.embedded.store import Document

__all__ = ["OwnershipClaim", "ResolvedOwnership"]

_PRIVILEGED = (CallerKind.ADMIN, CallerKind.CREATE_PRIVILEGED)


@dataclass(frozen=True, slots=True)
class OwnershipClaim:
    """The owner fields of a request; None for a field that is absent, null or empty."""

    owner_user: str | None
    owner_group: str | None
    contact_email: str | None

    @classmethod
    def of(cls, body: Document) -> "OwnershipClaim":
        """Return the claim of a valid v4 body."""
        return cls(
            # null and "" are unset (specification: create.body).
            body.get("ownerUser") or None,
            body.get("ownerGroup") or None,
            body.get("contactEmail") or None,
        )

    def check(self, backend: EmbeddedBackend, caller: RequestCaller) -> None:
        """Check the claim, step 4 of specification: create.steps.

        Raises HttpFailure: 422 if a privileged caller names neither owner nor contact, 403 if a
        plain user names no owner group, another user, or a group of others.
        """
        kind, defect = backend.kind(caller), backend.defect
        if kind in _PRIVILEGED:
            self._check_privileged(backend, caller)
        if kind in (CallerKind.PLAIN, CallerKind.UPDATE_PRIVILEGED) and not self.owner_group:
            if defect("ownership.group-not-required"):
                return
            raise denial(403, "Invalid new job. Owner group should be specified.")
        # Update-privileged callers get here only past a sabotaged gate; they need a group, no more.
        if kind is not CallerKind.PLAIN:
            return
        stranger = self.owner_user and self.owner_user != caller.username
        if stranger and not defect("ownership.user-not-checked"):
            raise denial(403, "Invalid new job. User owning the job should match user logged in.")
        member = backend.policy.belongs(caller.groups, self.owner_group)
        if not member and not defect("ownership.membership-not-checked"):
            raise denial(403, "Invalid new job. User needs to belong to job owner group.")

    def _check_privileged(self, backend: EmbeddedBackend, caller: RequestCaller) -> None:
        defect = backend.defect
        known = self.owner_group or self.owner_user or self.contact_email
        if not known and not defect("ownership.contact-not-required"):
            status = 403 if defect("status.contact-missing-403") else 422
            raise denial(status, "Contact email should be specified for an anonymous job.")
        foreign = self.owner_user and self.owner_user != caller.username
        if (
            foreign
            and backend.kind(caller) is CallerKind.CREATE_PRIVILEGED
            and defect("ownership.on-behalf-refused")
        ):
            raise denial(403, "Invalid new job. User owning the job should match user logged in.")

    def check_anonymous(self, backend: EmbeddedBackend, caller: RequestCaller) -> None:
        """Raise 403 if an anonymous caller names an owner group.

        This is step 6 of specification: create.steps: the datasets are checked before it.
        """
        if caller.authenticated or not self.owner_group:
            return
        if not backend.defect("ownership.anonymous-group-accepted"):
            raise denial(
                403,
                "Invalid new job. Unauthenticated user cannot initiate a job owned by another"
                " user.",
            )


@dataclass(frozen=True, slots=True)
class ResolvedOwnership:
    """The owner of a new job, and the groups that its datasets are checked with."""

    owner_user: str | None
    owner_group: str | None
    contact_email: str
    groups: tuple[str, ...]

    @classmethod
    def derive(
        cls, backend: EmbeddedBackend, caller: RequestCaller, claim: OwnershipClaim
    ) -> "ResolvedOwnership":
        """Return the owner of a checked claim (specification: create.ownership, second table).

        The groups are those of the named owner user, not of the request's owner group: since
        v5.2.0 that group is ignored, and a privileged caller who names nobody has no groups.
        """
        kind, defect = backend.kind(caller), backend.defect
        if kind is CallerKind.ANONYMOUS:
            user = claim.owner_user if defect("stored.owner-user.anonymous-claim-kept") else None
            group = claim.owner_group if defect("ownership.anonymous-group-accepted") else None
            return cls(user, group, claim.contact_email or "", ())
        own_email = caller.email or ""
        if kind not in _PRIVILEGED:
            return cls(
                caller.username,
                claim.owner_group,
                claim.contact_email or own_email,
                caller.groups,
            )
        # No owner user; the caller's address is the contact unless another is given.
        if claim.owner_user is None:
            return cls(None, claim.owner_group, claim.contact_email or own_email, ())
        if claim.owner_user == caller.username:
            email = claim.contact_email or own_email
            return cls(caller.username, claim.owner_group, email, caller.groups)
        return cls._of_other(backend, caller, claim, backend.accounts.named(claim.owner_user))

    @classmethod
    def _of_other(
        cls,
        backend: EmbeddedBackend,
        caller: RequestCaller,
        claim: OwnershipClaim,
        account: FunctionalAccount | None,
    ) -> "ResolvedOwnership":
        if account is not None:
            email = claim.contact_email or account.email
            return cls(account.username, claim.owner_group, email, account.groups)
        # No such user: the caller owns the job, but the datasets are checked without any groups.
        backend.log.log(
            "InstanceAuthorizationJobCreate",
            "Owner user was not found, using current user instead.",
        )
        owner = caller.username
        if backend.defect("stored.owner-user.unknown-kept"):
            owner = claim.owner_user or owner
        return cls(owner, claim.owner_group, claim.contact_email or caller.email or "", ())
