"""Rules about Handlebars templates, which are compiled when they are first used.

Specification: templates.context, templates.syntax and templates.helpers.
"""

from __future__ import annotations

from scicat_harness.lint.rule import error, warning

__all__ = ["TEMPLATES"]

_SEEN = "observed v5.2.1"

TEMPLATES = (
    error("template.syntax", "The template does not compile: it fails when it is first used.",
          "Correct the template; comparisons are helpers: {{#if (eq a b)}}.",
          f"{_SEEN}; scicat-ci#361"),
    error("template.unknown-helper", "There is no such helper: the template fails when used.",
          "Use a helper this release has.", f"{_SEEN}; jobconfig.md"),
    error("template.helper-arguments", "The helper takes another number of arguments.",
          "Give it the arguments that it takes.", _SEEN),
    error("template.helper-as-block", "A helper used as a block prints its value instead of the "
          "block.", "Put it into an if: {{#if (eq a b)}}.", "observed with handlebars 4.7.9"),
    error("template.partial", "Partials and decorators are not available in templates.",
          "Write the text out.", "handlebars 4.7"),
    warning("template.unknown-variable", "There is no such value: it renders as nothing.",
            "Correct the name.", _SEEN),
    warning("template.job-not-yet", "When create is validated there is no job yet.",
            "Use request.", f"{_SEEN}; backend#2281"),
    warning("template.job-unreadable", "When update is validated fields of job render as nothing.",
            "Use request, or {{{jsonify job}}}, or the perform phase.", _SEEN),
    warning("template.datasets-not-loaded", "This release loads datasets only for validate.",
            "Use v4.25.0 or newer.", "backend#2253"),
    # Entities break JSON; in the other texts they are merely wrong.
    error("template.json-escaped", "Two braces put HTML entities into JSON.",
          "Use three braces.", _SEEN),
    warning("template.url-escaped", "Two braces put HTML entities into a URL.",
            "Use three braces.", _SEEN),
    warning("template.url-encoded-twice", "The url is encoded as a whole: urlencode does it twice.",
            "Leave urlencode out of url.", _SEEN),
    warning("template.text-escaped", "Two braces put HTML entities into a text that is no HTML.",
            "Use three braces.", _SEEN),
    warning("template.whole-environment", "The text has the whole environment of the backend, with "
            "its secrets.", "Name the variables that it needs.", _SEEN),
    warning("template.secret", "A secret of the backend gets into a log line, a mail or a refusal.",
            "Leave it out.", _SEEN),
    warning("template.always-fails", "A helper fails with the text that it is given.",
            "Correct the text.", _SEEN),
    warning("template.never-true", "The condition is never true in the case where it stands.",
            "Correct the condition, or move it to another case.", "jobconfig.md"),
    warning("template.unset-variable", "The variable is not set: it renders as nothing.",
            "Set it.", _SEEN),
    error("template.empty-authorization", "The variable of an Authorization header is not set.",
          "Set it; the header goes out without the secret.", _SEEN),
)  # fmt: skip
