"""Reading a facility's files: job configuration, mail templates, environment, accounts.

Every error is a UsageFault that names file, line or key, and the fix.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scicat_harness.accounts import NotJson, groups_of, parse_accounts
from scicat_harness.errors import UsageFault
from scicat_harness.facility.reading import BodyOf
from scicat_harness.facility.site import FacilityAccount
from scicat_harness.files import read_given
from scicat_harness.javascript.engine import JavaScriptEngine
from scicat_harness.javascript.finding import Missing
from scicat_harness.lint.document import Broken, read_document, read_text
from scicat_harness.lint.namedfile import NamedFiles, NotRead
from scicat_harness.lint.settings import read_environment
from scicat_harness.lint.words import shown

__all__ = ["read_accounts", "read_bodies", "read_configuration", "read_variables"]

# Shows in reports which job a mail belongs to, whatever the real template has.
_STAND_IN = "<p>{{{job.type}}} {{{job.id}}} {{{job.statusCode}}}</p>\n"


def read_configuration(path: Path, engine: JavaScriptEngine | Missing) -> Any:
    """Return the parsed content of a job configuration, as js-yaml reads it.

    Without an engine it is read by YAML 1.2 rules of our own. Raises UsageFault if the file is not
    YAML or JSON.
    """
    text = read_text(path, "a job configuration")
    if isinstance(engine, Missing):
        found = read_document(path, text, None)
    else:
        with engine:
            found = read_document(path, text, engine)
    if isinstance(found, Broken):
        raise UsageFault(
            f"{path}, line {found.place.line}: not valid YAML or JSON ({found.message})"
        )
    return found.value


def read_bodies(config: Path, files: NamedFiles, stood_in: list[str] | None) -> BodyOf:
    """Return a function that gives the body of a mail by the name and key in the configuration.

    A body that is missing, or must not be read, is replaced by a short text, and its name is
    appended to ``stood_in``. With None instead of a list the function raises UsageFault for it.
    """

    def body(name: str, at: str) -> str:
        found = files.read(name)
        if not isinstance(found, NotRead):
            return _decoded(found.content, found.path)
        if stood_in is None:
            raise UsageFault(
                f"{config}: {at}: bodyTemplateFile {shown(name)!r}: {found.reason}; give the "
                "folder that the backend is started in with --templates, or "
                "--stand-in-templates to go on without"
            )
        # Several actions may share a template; it is reported once.
        if name not in stood_in:
            stood_in.append(name)
        return _STAND_IN

    return body


def read_variables(files: Sequence[Path]) -> Mapping[str, str]:
    """Return the variables of environment files, none without a file.

    Raises UsageFault for a file without any line ``NAME=value``: it is probably another file.
    """
    found = read_environment(files)
    return found.values if found is not None else {}


def read_accounts(path: Path | None) -> tuple[FacilityAccount, ...]:
    """Return the accounts of a ``functionalAccounts.json``, without their passwords.

    Raises UsageFault for a file that is not a list of accounts with names and roles.
    """
    if path is None:
        return ()
    text = _read(path, "give the functional accounts of the backend")
    try:
        entries = parse_accounts(text)
    except NotJson as error:
        raise UsageFault(f"{path}: not valid JSON ({error})") from None
    if not isinstance(entries, list):
        raise UsageFault(f"{path}: must be a list of accounts, found {type(entries).__name__}")
    return tuple(_account(entry, f"{path}: {number}") for number, entry in enumerate(entries))


def _account(entry: Any, at: str) -> FacilityAccount:
    name = entry.get("username") if isinstance(entry, dict) else None
    if not isinstance(name, str) or not name:
        raise UsageFault(f"{at}: an account needs a 'username', a text")
    role = entry.get("role") or []
    if not all(isinstance(each, str) for each in (role if isinstance(role, list) else [role])):
        raise UsageFault(f"{at}.role: must be text or a list of texts")
    email = entry.get("email")
    return FacilityAccount(name, groups_of(entry), email if isinstance(email, str) else "")


def _read(path: Path, fix: str) -> str:
    return read_given(path, str(path), fix)


def _decoded(content: bytes, path: Path) -> str:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageFault(f"{path}: is not UTF-8 text ({error.reason}); save it as UTF-8") from None
    # As if read in text mode: a mail has the same line ends wherever its template was saved.
    return text.replace("\r\n", "\n").replace("\r", "\n")
