"""Rules about auth values, dataset lifecycles and the environment of the backend.

Specification: configuration.auth, endpoint.authorization, environment.groups and
environment.services.
"""

from __future__ import annotations

from scicat_harness.lint.rule import error, note, warning

__all__ = ["ACCESS"]

_SEEN = "observed v5.2.1"
_DOCS = "authorization_jobs.md"

ACCESS = (
    error("auth.group-without-at", "A group is written like a user.",
          "Write @ before the name of a group.", _SEEN),
    error("auth.case", "The name differs from a known one by upper and lower case only.",
          "Write it as it is known; upper and lower case count.", _SEEN),
    warning("auth.unknown-user", "No functional account has this name.",
            "Correct the name, unless it is a user of LDAP or OIDC.", _SEEN),
    warning("auth.unknown-group", "No account or group list knows this group.",
            "Correct the name, unless the group comes from LDAP or OIDC.", "backend#1759"),
    error("accepted.unused", "An accepted finding does not happen any more.",
          "Remove the entry.", "accepted findings"),
    error("accepted.expired", "An accepted finding is past its date.",
          "Correct the configuration, or have its owner set another date.", "accepted findings"),
    warning("account.no-list", "The functional accounts are no list: none is made.",
            "Put the accounts into a list: [{...}].", _SEEN),
    warning("account.no-password", "A functional account has no password.",
            "Set its password.", _SEEN),
    warning("auth.missing", "Without auth nobody but admins and privileged groups may act.",
            "Set auth; '#jobAdmin' has the same effect and shows the intent.",
            f"{_SEEN}, backend#1784"),
    error("auth.unknown-word", "No # word of this name is known: nobody but admins may act.",
          "Use one of the known words.", f"{_SEEN}; {_DOCS}"),
    error("auth.create-word-in-update", "This word means something for create only.",
          "Use #all, #jobOwnerUser, #jobOwnerGroup, #jobAdmin, @GROUP or a user.", _SEEN),
    error("auth.update-word-in-create", "This word means something for update only.",
          "Use #all, #datasetPublic, #authenticated, #datasetAccess, #datasetOwner, #jobAdmin, "
          "@GROUP or a user.", _SEEN),
    note("auth.admins-update-only", "Nobody but admins can report progress of these jobs.",
         "Name the account of the service that works on them.", _SEEN),
    warning("expose.create-all", "#all lets anonymous callers create jobs.",
            "Use #authenticated, #datasetAccess or #datasetPublic.", f"{_DOCS}; scicat-ci#416"),
    note("expose.create-public", "#datasetPublic opens the endpoint to anonymous callers.",
         "Keep it if jobs on published data are for everybody.", f"{_DOCS}; backend#2427"),
    warning("expose.update-all", "#all lets every user change every job of this type.",
            "Use #jobOwnerUser, #jobOwnerGroup or the account of the service.",
            f"{_SEEN}; {_DOCS}"),
    # Backends before v4.14.0 made these three checks themselves (backend#1692).
    warning("lifecycle.archive", "archive is open to datasets that are not archivable.",
            "Validate datasets: datasetlifecycle.archivable: {const: true}.",
            "backend#1692; jobConfig.recommended.yaml"),
    warning("lifecycle.retrieve", "retrieve is open to datasets that are not retrievable.",
            "Validate datasets: datasetlifecycle.retrievable: {const: true}.",
            "backend#1692; jobConfig.recommended.yaml"),
    warning("lifecycle.public", "public is open to datasets that are not published.",
            "Validate datasets: isPublished: {const: true}.",
            "backend#1692; jobConfig.recommended.yaml"),
    warning("env.broker-word", "Only the word yes enables RabbitMQ.",
            "Write RABBITMQ_ENABLED=yes.", f"{_SEEN}; backend#1798"),
    error("env.configuration-path", "JOB_CONFIGURATION_PATH is not read: there are no job types.",
          "Rename it to JOB_CONFIGURATION_FILE.", _SEEN),
    warning("env.no-configuration", "JOB_CONFIGURATION_FILE is not set: there are no job types.",
            "Set it to the path of the job configuration.", _SEEN),
    warning("env.no-mail-server", "SMTP_HOST is not set, but mails are to be sent.",
            "Set SMTP_HOST.", _SEEN),
    warning("env.no-sender", "Neither the action nor EMAIL_FROM gives a sender.",
            "Set EMAIL_FROM, or add from to the action.", _SEEN),
    warning("env.mail-secure-word", "Only the word yes makes SMTP secure.",
            "Write SMTP_SECURE=yes.", "backend source"),
    warning("env.old-group-list", "This list of groups has another name since v4.15.0.",
            "Use CREATE_JOB_PRIVILEGED_GROUPS and UPDATE_JOB_PRIVILEGED_GROUPS.",
            "backend v4.15.0"),
    warning("env.group-list-not-split", "This release does not split the list at commas.",
            "Give one group, or use v5.2.0 or newer.", "backend#2713"),
)  # fmt: skip
