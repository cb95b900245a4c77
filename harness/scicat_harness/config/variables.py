"""Environment variables of a backend that only the run may set.

The job configuration and the environment of a facility are tried on a twin. The run chooses mail
server, broker, database and files of the twin, whatever the environment of the facility contains.
No variable of the facility may change the process that the twin runs in, either.
"""

from __future__ import annotations

import re

__all__ = ["is_of_the_run", "may_be_of_the_image"]

# Names in one line belong together: files, group lists, and options of Node.
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
    # Services that the backend connects to, and who may log in.
    r"MONGODB_|RABBITMQ_|SMTP_|EMAIL_|MS365_|JWT_|LDAP_|OIDC_|ELASTICSEARCH_|SCICAT_HARNESS_"
    # Variables of loaders and interpreters, and the proxies that they connect to.
    r"|LD_|DYLD_|PYTHON|(?:HTTPS?|NO|ALL)_PROXY$",
    re.IGNORECASE,
)
# Set by the container engine, by the Node image, or by the backend's image.
_OF_IMAGES = frozenset({"HOME", "HOSTNAME", "NODE_ENV", "NODE_VERSION", "PATH", "YARN_VERSION"})


def is_of_the_run(name: str) -> bool:
    """Return whether a variable is never taken from the environment of a facility.

    Exact names are compared with their case, prefixes without: ``http_proxy`` counts, too.
    """
    return name in _NAMES or _PREFIXES.match(name) is not None


def may_be_of_the_image(name: str) -> bool:
    """Return whether a container may set the variable although the run did not."""
    return name in _OF_IMAGES
