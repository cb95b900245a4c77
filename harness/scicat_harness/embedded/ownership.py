"""To whom a new job will belong, and whether the caller may decide that.

See specification: create.ownership; create.dataset-access says which groups the datasets are
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
    """What a request says about the owner; an empty text says nothing."""

    owner_user: str | None
    owner_group: str | None
    contact_email: str | None

    @classmethod
    def of(cls, body: Document) -> "OwnershipClaim":
        """The claim of a valid v4 body."""
        return cls(
            body.get("ownerUser") or None,
            body.get("ownerGroup") or None,
            body.get("contactEmail") or None,
        )

    def check(self, backend: EmbeddedBackend, caller: RequestCaller) -> None:
        """Step 4: raise if the caller may not claim this."""
        kind, defect = backend.kind(caller), backend.defect
        if kind in _PRIVILEGED:
            self._check_privileged(backend, caller)
        if kind in (CallerKind.PLAIN, CallerKind.UPDATE_PRIVILEGED) and not self.owner_group:
            if defect("ownership.group-not-required"):
                return
            raise denial(403, "Invalid new job. Owner group should be specified.")
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
        """Step 9: raise if an anonymous caller names an owner group."""
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
    """The owner of a new job, and the groups whose access to its datasets counts."""

    owner_user: str | None
    owner_group: str | None
    contact_email: str
    groups: tuple[str, ...]

    @classmethod
    def derive(
        cls, backend: EmbeddedBackend, caller: RequestCaller, claim: OwnershipClaim
    ) -> "ResolvedOwnership":
        """What the table of ownership results says of a claim."""
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
        backend.log.log(
            "InstanceAuthorizationJobCreate",
            "Owner user was not found, using current user instead.",
        )
        owner = caller.username
        if backend.defect("stored.owner-user.unknown-kept"):
            owner = claim.owner_user or owner
        return cls(owner, claim.owner_group, claim.contact_email or caller.email or "", ())
