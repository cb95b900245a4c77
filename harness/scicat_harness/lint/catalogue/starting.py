"""Rules about startup errors, and about dialects of earlier releases.

Specification: start.errors, releases.observed and releases.before-v4.14.
"""

from __future__ import annotations

from scicat_harness.lint.rule import note, stops, warning

__all__ = ["STARTING"]

_SEEN = "observed v5.2.1"
_LOADER = "observed v5.2.1 (configuration loader)"

STARTING = (
    stops("start.yaml", "The file is not YAML or JSON.", "Correct the syntax.", _SEEN),
    stops("start.schema", "A part of the file is missing or has the wrong type.",
          "Give it the type that is asked for.", _SEEN),
    stops("start.operation-missing", "A job type has no create or no update.",
          "Add the missing one; {} lets nobody but admins use it.", _SEEN),
    stops("start.duplicate-type", "Two job types have the same name.", "Rename one.", _LOADER),
    stops("start.unknown-action", "There is no action of that type.",
          "Use log, email, url, rabbitmq, validate, switch or error.", _LOADER),
    stops("start.broker-disabled", "A rabbitmq action needs RABBITMQ_ENABLED=yes.",
          "Set RABBITMQ_ENABLED=yes and the four variables of the broker, or remove the action.",
          f"{_SEEN}; backend#1798"),
    stops("start.options", "The options are not those of the action.",
          "Give the action the options it needs, each of its type.", _LOADER),
    stops("start.mail-body-missing", "The file of a mail's body is not there.",
          "Put it there, or mount it; the path is relative to the backend's working folder.",
          f"{_SEEN}, backend#2397"),
    stops("start.url-body", "The body of a url action is not a text.",
          "Write the body as a text, for example with a block scalar (|).", _LOADER),
    stops("start.json-schema", "A JSON schema cannot be compiled.",
          "Correct the schema; Ajv 8 takes draft-07 without remote references.", _LOADER),
    stops("start.log-init", "The init template of a log action cannot be rendered.",
          "Correct the template.", _LOADER),
    stops("start.regex", "The regex of a case is not of the form /pattern/flags.",
          "Write it between slashes.", _SEEN),
    stops("start.setting", "A variable has a value the backend does not start with.",
          "Use a value that the backend accepts.", _SEEN),
    stops("start.broker-variable", "RabbitMQ is enabled without all of its variables.",
          "Set RABBITMQ_HOSTNAME, _PORT, _USERNAME and _PASSWORD.", _SEEN),
    stops("start.account", "The backend cannot store a functional account.",
          "Give each account a username, and an email of its own.", _SEEN),
    stops("start.accounts", "The functional accounts file is not JSON.", "Correct it.", _SEEN),
    # A dialect replaces the startup error that it causes, as its fix is known.
    stops("dialect.status-update", "update was called statusUpdate before the first release.",
          "Rename statusUpdate to update.", "specification: releases.before-v4.14"),
    stops("dialect.top-level-list", "An earlier format had the list of job types as whole file.",
          "Put the list under jobs, and a configVersion before it.", _SEEN),
    stops("dialect.switch-scope", "switch had a scope before it had a phase.",
          "Use phase, and name the scope in the property.", "backend v4.16.0"),
    stops("dialect.perform-job", "The option perform of log was called performJob.",
          "Rename performJob to perform.", "backend v4.14.0"),
    stops("dialect.body-template", "bodyTemplateFile was called bodyTemplate in 2024.",
          "Rename bodyTemplate to bodyTemplateFile.", "specification: releases.before-v4.14"),
    stops("dialect.inline-broker", "Since the first release the broker is set by variables.",
          "Remove host and login from the action, give exchange, queue and key, and set "
          "RABBITMQ_*.", "specification: releases.before-v4.14; backend#1575"),
    warning("dialect.ignored-broker", "Host and login of the broker in an action are ignored.",
            "Remove them, and set RABBITMQ_*.", f"{_SEEN}; backend#1575"),
    warning("dialect.job-root", "Before v4.17.0 fields of the job were at the root of the context.",
            "Write {{job.id}} for {{id}}, and so on.", "backend#1855"),
    warning("dialect.dataset-ids", "jobParams.datasetIds became jobParams.datasetList.",
            "Go through job.jobParams.datasetList and use pid.", "backend#1440"),
    note("yaml.read-otherwise", "PyYAML reads the file differently than js-yaml.",
         "Quote the value, so that all readers agree.", "YAML 1.2 and js-yaml; PyYAML is YAML 1.1"),
    warning("keys.unknown", "The backend ignores this key.", "Remove it, or correct its name.",
            _SEEN),
    note("config.no-types", "There is no job type: every job is refused.", "Add job types.", _SEEN),
)  # fmt: skip
