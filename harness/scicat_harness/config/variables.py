"""Variables of a backend that a run sets itself, or that nobody else may set.

A facility's job configuration and environment are tried on a twin. Which mail server, broker,
database and files that has is for the run to say, whatever the environment of the facility
names; and no variable of it may steer the process that the twin runs in.
"""

from __future__ import annotations

import re

__all__ = ["is_of_the_run", "may_be_of_the_image"]

_NAMES = frozenset(
    {
        *("PORT", "NO_COLOR", "PID_PREFIX", "JOB_CONFIGURATION_FILE", "FUNCTIONAL_ACCOUNTS_FILE"),
        *("ADMIN_GROUPS", "DELETE_GROUPS", "DELETE_JOB_GROUPS"),
        *("CREATE_JOB_PRIVILEGED_GROUPS", "UPDATE_JOB_PRIVILEGED_GROUPS"),
        *("CREATE_DATASET_GROUPS", "CREATE_DATASET_PRIVILEGED_GROUPS"),
        "CREATE_DATASET_WITH_PID_GROUPS",
        *("NODE_OPTIONS", "NODE_PATH", "NODE_EXTRA_CA_CERTS", "NODE_TLS_REJECT_UNAUTHORIZED"),
    }
)
_PREFIXES = re.compile(
    # What the backend speaks to, and who may log in.
    r"MONGODB_|RABBITMQ_|SMTP_|EMAIL_|MS365_|JWT_|LDAP_|OIDC_|ELASTICSEARCH_|SCICAT_HARNESS_"
    # What steers loaders and interpreters, and where they connect to.
    r"|LD_|DYLD_|PYTHON|(?:HTTPS?|NO|ALL)_PROXY$",
    re.IGNORECASE,
)
_OF_IMAGES = frozenset({"HOME", "HOSTNAME", "NODE_ENV", "NODE_VERSION", "PATH", "YARN_VERSION"})


def is_of_the_run(name: str) -> bool:
    """Whether a variable is never taken from the environment of a facility."""
    return name in _NAMES or _PREFIXES.match(name) is not None


def may_be_of_the_image(name: str) -> bool:
    """Whether a backend in a container may have the variable though nobody told it."""
    return name in _OF_IMAGES
