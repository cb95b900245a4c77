"""Rules about actions that start, and fail or do something else when a job uses them.

Specification: action.email, action.url, action.rabbitmq, action.validate, action.error and
action.switch.
"""

from __future__ import annotations

from scicat_harness.lint.rule import error, note, warning

__all__ = ["ACTING"]

_SEEN = "observed v5.2.1"

ACTING = (
    error("mail.body-not-read", "The file of a mail's body must not be read here: it is not "
          "below the configuration's folder or --templates, or no plain file.",
          "Name a file below the backend's working folder, and give that with --templates.",
          "a configuration of others must not choose what is read"),
    note("mail.ignore-errors", "Lost mails never fail a job, with or without ignoreErrors.",
         "Leave it out, or keep it for errors of templates only.", f"{_SEEN}, backend#2281"),
    warning("mail.from-template", "from is no template: braces are sent as they are.",
            "Write the address itself.", _SEEN),
    warning("action.option-too-new", "This release does not know the option yet.",
            "Use a newer release, or leave it out.", "backend#2271, backend#2281"),
    warning("url.secret-over-http", "A secret is sent over plain http.", "Use https.",
            "good practice"),
    warning("url.secret-in-url", "A secret in a URL is written to the backend's log.",
            "Send it in a header.", _SEEN),
    warning("url.secret-in-file", "A secret is written into the configuration.",
            "Put it into a variable, and write {{{env.NAME}}}.", "backend#2233"),
    error("url.unusable", "The address cannot be called: the action always fails.",
          "Begin it with https:// and the name of a host.", _SEEN),
    error("url.body-with-get", "A GET with a body cannot be sent: the action always fails.",
          "Give method: POST, or leave the body out.", _SEEN),
    note("broker.needs-enabling", "The backend starts with this only if RABBITMQ_ENABLED=yes.",
         "Give --env or --rabbitmq to have that checked.", _SEEN),
    # An error of the broker closes the channel or the connection, and the backend ends with it
    # (specification: action.rabbitmq).
    error("broker.template", "Names of exchange, queue and key are no templates.",
          "Write the name itself.", _SEEN),
    error("broker.empty-name", "An empty exchange ends the backend; an empty queue gets a new "
          "name with every message.", "Give a name.", _SEEN),
    error("broker.reserved-name", "Names that begin with amq. are the broker's own.",
          "Use another name.", "RabbitMQ"),
    warning("broker.two-queues", "Two queues are bound alike: each gets every message.",
            "Use another key for one of them.", _SEEN),
    warning("broker.pattern-key", "The queue is bound with a pattern: it gets other messages, too.",
            "Use a key without * and #.", "RabbitMQ topic exchanges"),
    warning("switch.never-acts", "The action can do nothing in the phase of its switch.",
            "Move it, or use another phase.", _SEEN),
    warning("switch.unreachable", "An earlier case takes every value of the case.",
            "Put the default last, and a special case before a general one.", _SEEN),
    error("switch.stateful-regex", "A regex with flag g or y matches every other time only.",
          "Leave the flag out.", _SEEN),
    warning("switch.match-type", "match compares with a text, number, true, false or null.",
            "Use schema for anything else.", "backend source"),
    warning("switch.several-conditions", "Only one condition of a case counts: schema, then "
            "regex, then match.", "Keep one.", _SEEN),
    error("switch.unknown-condition", "A case without schema, regex or match is the default.",
          "Correct the name of the condition.", _SEEN),
    error("switch.job-unreadable", "When update is validated job has no fields: the default "
          "case is taken.", "Use request, or phase: perform.", _SEEN),
    error("switch.nothing-there", "The property leads to nothing in that phase.",
          "Begin with request, job, datasets or env.", _SEEN),
    error("path.syntax", "The JSONPath cannot be read: the action fails when used.",
          "Correct the path.", "jsonpath-plus 10"),
    warning("validate.nothing", "The action validates nothing.",
            "Give request, or datasets for create.", _SEEN),
    error("validate.datasets-in-update", "datasets is ignored when a job is updated.",
          "Move it to create.", _SEEN),
    error("validate.nothing-there", "The path leads to nothing: every request is refused.",
          "Correct the path.", _SEEN),
    warning("validate.format", "format is ignored: nothing is checked.",
            "Use pattern.", _SEEN),
    warning("validate.unknown-keyword", "JSON Schema has no such keyword: it is ignored.",
            "Correct the keyword.", f"{_SEEN}; Ajv strictSchema: false"),
    warning("error.status", "The status is not one of an error.",
            "Use a status from 400 to 599.", _SEEN),
    note("plugin.needed", "A backend starts with this only if it has the plugin.",
         "Install the plugin in the backend.", "docs/extending.md"),
    warning("plugin.action", "The probe of a plugin finds something wrong with its action.",
            "Correct it as the documentation of the plugin says.", "the plugin"),
)  # fmt: skip
