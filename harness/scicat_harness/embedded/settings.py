"""The settings of a backend, read from its environment once at the start.

See specification: environment.groups, environment.jobs. Lists are split at commas and trimmed; an
unset list holds one empty name, which matches nobody.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from scicat_harness.embedded.defects import Defects
from scicat_harness.embedded.failures import BootFailure
from scicat_harness.embedded.services import BrokerSettings, MailSettings

__all__ = ["Settings"]

_UNITS = {"": 1, "b": 1, "kb": 1024, "mb": 1024**2, "gb": 1024**3}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings that the embedded backend supports, one for each environment variable.

    ``jwt_expires_in`` is in seconds, ``max_body`` in bytes. ``dataset_pid_pattern`` is None unless
    pids are validated; ``broker`` is None unless RabbitMQ is enabled.
    """

    port: int
    jwt_secret: str
    jwt_expires_in: int
    admin_groups: tuple[str, ...]
    create_job_privileged_groups: tuple[str, ...]
    update_job_privileged_groups: tuple[str, ...]
    delete_job_groups: tuple[str, ...]
    delete_groups: tuple[str, ...]
    create_dataset_groups: tuple[str, ...]
    create_dataset_privileged_groups: tuple[str, ...]
    create_dataset_with_pid_groups: tuple[str, ...]
    update_dataset_lifecycle_groups: tuple[str, ...]
    dataset_pid_pattern: str | None
    pid_prefix: str
    functional_accounts_file: str
    static_access_groups: tuple[str, ...]
    job_configuration_file: str
    job_default_status_code: str
    job_default_status_message: str
    mail: MailSettings
    broker: BrokerSettings | None
    max_body: int
    swagger_path: str

    @classmethod
    def read(cls, environ: Mapping[str, str], defect: Defects) -> "Settings":
        """Return the settings of an environment, with the defaults of v5.2.1.

        Raises BootFailure for words that are no booleans, and for settings of mail and broker
        that stop the start (specification: start.errors).
        """

        def groups(name: str, default: str = "") -> tuple[str, ...]:
            # An empty variable counts as an unset one.
            return _items(environ.get(name) or default, defect)

        mail = MailSettings.read(environ)
        broker = BrokerSettings.read(environ, defect)
        static = _boolean(environ.get("ACCESS_GROUPS_STATIC_ENABLED") or "true")
        pid_rule = _boolean(environ.get("DATASET_CREATION_VALIDATION_ENABLED") or "false")
        return cls(
            port=_integer(environ.get("PORT"), 3000),
            jwt_secret=environ.get("JWT_SECRET") or "defaultSecret",
            jwt_expires_in=_integer(environ.get("JWT_EXPIRES_IN"), 3600),
            admin_groups=groups("ADMIN_GROUPS"),
            create_job_privileged_groups=groups("CREATE_JOB_PRIVILEGED_GROUPS"),
            update_job_privileged_groups=groups("UPDATE_JOB_PRIVILEGED_GROUPS"),
            delete_job_groups=groups("DELETE_JOB_GROUPS"),
            delete_groups=groups("DELETE_GROUPS"),
            create_dataset_groups=groups("CREATE_DATASET_GROUPS", "#all"),
            create_dataset_privileged_groups=groups("CREATE_DATASET_PRIVILEGED_GROUPS"),
            create_dataset_with_pid_groups=groups("CREATE_DATASET_WITH_PID_GROUPS"),
            update_dataset_lifecycle_groups=groups("UPDATE_DATASET_LIFECYCLE_GROUPS"),
            dataset_pid_pattern=(
                environ.get("DATASET_CREATION_VALIDATION_REGEX", "") if pid_rule else None
            ),
            pid_prefix=environ.get("PID_PREFIX", ""),
            functional_accounts_file=environ.get("FUNCTIONAL_ACCOUNTS_FILE")
            or "functionalAccounts.json",
            # They count by default, but the default list is empty.
            static_access_groups=groups("ACCESS_GROUPS_STATIC_VALUES") if static else (),
            # No default, contrary to the documentation: unset means no job types.
            job_configuration_file=environ.get("JOB_CONFIGURATION_FILE", ""),
            job_default_status_code=environ.get("JOB_DEFAULT_STATUS_CODE") or "jobSubmitted",
            job_default_status_message=environ.get("JOB_DEFAULT_STATUS_MESSAGE")
            or "Job submitted.",
            mail=mail,
            broker=broker,
            max_body=_size(environ.get("MAX_FILE_UPLOAD_SIZE") or "16mb"),
            swagger_path=(environ.get("SWAGGER_PATH") or "explorer").strip("/"),
        )


def _items(text: str, defect: Defects) -> tuple[str, ...]:
    items = text.split(",")
    if not defect("groups.environment.not-trimmed"):
        items = [item.strip() for item in items]
    return tuple(items)


def _boolean(text: str) -> bool:
    if text in ("true", "1"):
        return True
    if text in ("false", "0"):
        return False
    raise BootFailure(f'Error: Cannot convert "{text}" to a boolean')


def _integer(text: str | None, default: int) -> int:
    # As parseInt of JavaScript: leading digits count, whatever follows.
    digits = re.match(r"\s*[+-]?\d+", text or "")
    return int(digits[0]) if digits else default


def _size(text: str) -> int:
    # Units are powers of 1024; a text that cannot be read means the default.
    parts = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmg]?b?)\s*", text.lower())
    if parts is None or parts[2] not in _UNITS:
        return 16 * _UNITS["mb"]
    return int(float(parts[1]) * _UNITS[parts[2]])
