"""Log lines of a backend: those of a known form, and all others, which are worth a look.

A new line is often harmless; it can also show what nobody was meant to log. So it is noticed, with
low severity, and fails nothing. Source: the logs of v4.20.2 to v5.2.1 and of master in runs of the
standard profile.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from scicat_harness.secrets import redact

__all__ = ["unknown_lines"]

_HEAD = re.compile(
    r"^\[Nest\] \d+  - .+? (?P<level>LOG|ERROR|WARN|DEBUG|VERBOSE|FATAL) "
    r"(?:\[(?P<context>[^\]]*)\] ?)?(?P<text>.*)$"
)
# Before it, a backend logs what it is made of, which differs from release to release.
_STARTED = "Nest application successfully started"
_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# What differs from line to line of one form.
_VALUES = re.compile(
    rf"""{_ID}|https?://\S+|\S+@\S+|'[^']*'|"[^"]*"|[\w.-]*\d[\w./-]*""",
)
_LONGEST = 100
_MOST = 20


@dataclass(frozen=True, slots=True)
class _Known:
    """A form of lines: the level, and patterns of the logger and of the text."""

    level: str
    context: str
    text: str = ".*"

    def matches(self, level: str, context: str, text: str) -> bool:
        return (
            level == self.level
            and re.fullmatch(self.context, context) is not None
            and re.fullmatch(self.text, text, re.DOTALL) is not None
        )


_JOB = rf"\(Job {_ID}\) "
_FORMS = (
    # What actions write is judged as effects.
    _Known("LOG", "LogJobAction"),
    _Known("LOG", "URLAction", rf"{_JOB}Requesting .*"),
    _Known("LOG", "URLAction", rf"{_JOB}Request for .* returned \d+(\. Response: .*)?"),
    # Before v4.25.0.
    _Known("ERROR", "", rf"{_JOB}Got response: .*"),
    _Known("ERROR", "URLAction", rf"{_JOB}Request for .* returned \d+\. Response: .*"),
    _Known(
        "ERROR",
        "URLAction",
        rf"{_JOB}(Templating error generating request for|Network error requesting|Error reading "
        r"response text from) .*",
    ),
    _Known("LOG", "RabbitMQJobAction", f"{_JOB}Performing RabbitMQJobAction"),
    _Known(
        "LOG", "EmailJobAction", rf"({_JOB}Performing EmailJobAction|.* parameters are valid\.)"
    ),
    _Known("ERROR", "EmailJobAction", rf"{_JOB}EmailJobAction: Template error: .*"),
    _Known("LOG", r"Utils\.sendMail", "Sending email to: .*"),
    _Known("ERROR", r"MailService\.sendMail", r"(Failed sending email to: .*|\w*Error: .*)"),
    _Known("ERROR", r"MailService\.sendMail", r"\d+ message refused"),
    _Known("ERROR", "", r"Executing error action \[\d+\]: .*"),
    _Known("ERROR", "ValidateJobAction|ErrorJobAction|SwitchJobAction|RabbitMQService"),
    # Metadata of a dataset.
    _Known("LOG", "", r"(Upserted|Decremented or deleted) MetadataKeys for \w+: .*"),
    _Known("WARN", "Ajv", 'unknown format ".*" ignored.*'),
    _Known("DEBUG", "JobsController", "Creating job"),
    _Known("LOG", r".*", r"[uU]pdating job( v3)? ?"),
    _Known("LOG", "JobUpdate", r" *(Job was created with|Current) configVersion .*"),
    _Known("LOG", "", rf"Deleting job with id {_ID}!"),
    _Known(
        "LOG",
        "[iI]nstanceAuthorizationJobCreate",
        r"Owner user was not found, using current user instead\.",
    ),
    # The reply of a refused request, and the error behind it. Replies are judged.
    _Known("ERROR", "", r"Object\(\d+\) \{.*|\{.*\}|\".*\"|\w*(Exception|Error)(: .*)?"),
    # Users who log in for the first time, and the first datasets of a group.
    _Known("LOG", "RolesService", r"(Creating role|Create user role mapping for userId:) .*"),
    _Known("LOG", "UsersService", r"Creating user .* \( Strategy : local \)"),
    _Known("LOG", "postLoginTasks", r"Adding default settings to user .* with userId: \w+"),
    _Known("LOG", r"PoliciesService\.addDefaultPolicy", "Adding default policy"),
    _Known("LOG", "ScientificMetadataValidationPipe", "Failed to fetch existing dataset: .*"),
    _Known("LOG", "", r"(MetadataKeys deleted: \d+ With filter:|Object\(\d+\) \{).*"),
    # The end of a start.
    _Known("LOG", "NestApplication|Main"),
    _Known("ERROR", "RuntimeConfigService"),
)


def unknown_lines(log: Path) -> Iterator[str]:
    """Yield a sentence for each form of lines that is not known, with their number and the first.

    Lines without the head of the logger belong to the line before.
    """
    with log.open(encoding="utf-8", errors="replace") as lines:
        found = _by_form(lines)
    for count, first in list(found.values())[:_MOST]:
        times = "1 log line" if count == 1 else f"{count} log lines"
        # Before it is cut: a part of a secret would not be recognised.
        yield f"{times} of an unknown form, first: {redact(first)[:_LONGEST]}"
    if len(found) > _MOST:
        yield f"{len(found) - _MOST} further unknown forms of log lines"


def _by_form(lines: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Return the number of lines and the first line of each unknown form."""
    found: dict[str, tuple[int, str]] = {}
    begun = False
    for line in lines:
        head = _HEAD.match(line.rstrip("\n"))
        if head is None:
            continue
        level, context, text = head["level"], head["context"] or "", head["text"]
        begun = begun or text == _STARTED
        if not begun or any(each.matches(level, context, text) for each in _FORMS):
            continue
        # As it stands in the log: without a context there are no brackets.
        shown = f"{level} [{context}] {text}" if context else f"{level} {text}"
        form = _VALUES.sub("...", shown)
        count, first = found.get(form, (0, shown))
        found[form] = (count + 1, first)
    return found
