"""Auth values that mean something else than intended, or nothing.

The backend checks none of them at its start (specification: configuration.auth).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scicat_harness.lint import editing
from scicat_harness.lint.entries import OperationEntry
from scicat_harness.lint.finding import Edit, Finding
from scicat_harness.lint.subject import LintSubject

__all__ = ["CREATE_WORDS", "UPDATE_WORDS", "auth_findings"]

CREATE_WORDS = (
    "#all", "#datasetPublic", "#authenticated", "#datasetAccess", "#datasetOwner", "#jobAdmin",
)  # fmt: skip
UPDATE_WORDS = ("#all", "#jobOwnerUser", "#jobOwnerGroup", "#jobAdmin")
_WORDS = {"create": CREATE_WORDS, "update": UPDATE_WORDS}
# A group that one of these lists names exists, even if no functional account is in it.
_LISTS = (
    "ADMIN_GROUPS", "CREATE_JOB_PRIVILEGED_GROUPS", "UPDATE_JOB_PRIVILEGED_GROUPS",
    "DELETE_JOB_GROUPS", "DELETE_GROUPS", "CREATE_DATASET_GROUPS",
    "CREATE_DATASET_PRIVILEGED_GROUPS", "CREATE_DATASET_WITH_PID_GROUPS",
    "UPDATE_DATASET_LIFECYCLE_GROUPS", "PROPOSAL_GROUPS", "SAMPLE_GROUPS",
    "SAMPLE_PRIVILEGED_GROUPS", "ACCESS_GROUPS_STATIC_VALUES",
)  # fmt: skip
_USUAL_GROUPS = frozenset({"archivemanager", "globalaccess"})
"""Groups with the same name at every facility, known without an accounts file."""


def auth_findings(subject: LintSubject) -> Iterator[Finding]:
    """Yield at most one finding per operation.

    Names are compared with those of the accounts and the environment, as far as these are given.
    """
    for job in subject.jobs:
        for operation in job.operations():
            # Other types are startup errors.
            if operation.auth is None or isinstance(operation.auth, str):
                yield from _of(subject, operation, operation.auth or "")


def _of(subject: LintSubject, operation: OperationEntry, auth: str) -> Iterator[Finding]:
    if not auth:
        sentence = f"{operation.name} has no auth: only admins and privileged groups may"
        yield _at(subject, operation, "auth.missing", sentence)
    elif auth.startswith("#"):
        yield from _word(subject, operation, auth)
    elif auth.startswith("@"):
        yield from _group(subject, operation, auth)
    else:
        yield from _user(subject, operation, auth)


def _word(subject: LintSubject, operation: OperationEntry, auth: str) -> Iterator[Finding]:
    if auth in _WORDS[operation.name]:
        if operation.name == "update" and auth == "#jobAdmin":
            sentence = "only admins may update jobs of this type"
            yield _at(subject, operation, "auth.admins-update-only", sentence)
        return
    other = "update" if operation.name == "create" else "create"
    same = _but_for_case(auth, _WORDS[operation.name])
    if same:
        sentence = f"'{auth}' is no known word, '{same}' is"
        yield _at(subject, operation, "auth.case", sentence, same)
    elif auth in _WORDS[other]:
        sentence = f"'{auth}' lets nobody but admins {operation.name}: it is a word for {other}"
        yield _at(subject, operation, f"auth.{other}-word-in-{operation.name}", sentence)
    else:
        sentence = f"'{auth}' is no known word: only admins may {operation.name}"
        yield _at(subject, operation, "auth.unknown-word", sentence)


def _group(subject: LintSubject, operation: OperationEntry, auth: str) -> Iterator[Finding]:
    known, name = _groups(subject), auth[1:]
    # Without any known group nothing can be said about this one.
    if not known or name in known:
        return
    same = _but_for_case(name, known)
    if same:
        sentence = f"there is no group '{name}', but '{same}'"
        yield _at(subject, operation, "auth.case", sentence, f"@{same}")
    elif subject.installation.accounts:
        # The environment alone does not name all groups: accounts have others.
        sentence = f"no account has the group '{name}', and no list of groups names it"
        yield _at(subject, operation, "auth.unknown-group", sentence)


def _user(subject: LintSubject, operation: OperationEntry, auth: str) -> Iterator[Finding]:
    accounts, groups = subject.installation.accounts, _groups(subject)
    users = accounts.users if accounts else frozenset()
    if auth in users:
        return
    if auth in groups or (not accounts and auth in _USUAL_GROUPS):
        same = _but_for_case(auth, users)
        sentence = f"'{auth}' means a user of that name; the group is '@{auth}'"
        if same:
            sentence += f", the user '{same}'"
        yield _at(subject, operation, "auth.group-without-at", sentence, f"@{auth}")
        return
    same = _but_for_case(auth, users)
    if same:
        sentence = f"there is no user '{auth}', but '{same}'"
        yield _at(subject, operation, "auth.case", sentence, same)
    elif accounts:
        sentence = f"no account is called '{auth}'"
        yield _at(subject, operation, "auth.unknown-user", sentence)


def _groups(subject: LintSubject) -> frozenset[str]:
    accounts, env = subject.installation.accounts, subject.installation.env
    listed = {group for name in _LISTS for group in env.groups(name)} if env else set()
    return (accounts.groups if accounts else frozenset()) | (listed - {"#all"})


def _but_for_case(name: str, known: Iterable[str]) -> str | None:
    return next((each for each in sorted(known) if each.lower() == name.lower()), None)


def _at(
    subject: LintSubject, operation: OperationEntry, rule: str, sentence: str, instead: str = ""
) -> Finding:
    """Return a finding at the auth value; its edit writes ``instead`` if that name is proven."""
    path = (*operation.path, "auth")
    # Without accounts and environment the name is a guess, which --fix must not write.
    proven = instead.startswith("#") or bool(
        subject.installation.accounts or subject.installation.env
    )
    edits: tuple[Edit, ...] = ()
    if instead and proven:
        edits = editing.replace_value(subject.document, path, instead)
    fix = f'Write "{instead}".' if instead else ""
    about = f"{operation.job} {operation.name}"
    return subject.at(rule, path, sentence, about=about, fix=fix, edits=edits)
