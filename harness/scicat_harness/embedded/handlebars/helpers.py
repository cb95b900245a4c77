"""The helpers that the backend adds to Handlebars, and ``lookup`` and ``log`` of Handlebars itself.

See specification: templates.helpers.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from scicat_harness.embedded.defects import Defects
from scicat_harness.embedded.failures import Thrown
from scicat_harness.embedded.handlebars.render import Helper
from scicat_harness.embedded.handlebars.scope import Opaque, member
from scicat_harness.embedded.handlebars.units import format_unit
from scicat_harness.embedded.javascript import UNDEFINED, as_text, identical, iso, stringify, truthy
from scicat_harness.embedded.regex import JsRegex

__all__ = ["helpers"]

# The values that or, and, not take for true; everything else is false, whatever JavaScript says.
_YES = (True, "true", 1, "1", "on", "yes")
_BASE64 = re.compile(r"[A-Za-z0-9+/]*")
_LIST = "<ul style='padding-left: 1em'>{}</ul>"
_ITEM = "<li style='margin-bottom: 1em'>{}</li>"


def helpers(defect: Defects) -> dict[str, Helper]:
    """Return all helpers by name; each takes the arguments and the options of a call."""
    return {
        "jsonify": lambda given, _: _jsonify(_first(given), defect),
        "unwrapJSON": lambda given, _: _unwrapped(_first(given), defect),
        "keyToWord": lambda given, _: _words(_first(given), defect),
        "eq": lambda given, _: _equal(given, defect),
        "or": lambda given, _: _any(given, defect),
        "and": lambda given, _: _every(given, defect),
        "not": lambda given, _: _negated(_first(given), defect),
        "concat": lambda given, _: _joined(given, defect),
        "matches": lambda given, _: _matched(given, defect),
        "default": lambda given, _: _default(given, defect),
        "job_v3": lambda given, _: _job_v3(_first(given), defect),
        "urlencode": lambda given, _: _encoded(_first(given), defect),
        "base64enc": lambda given, _: _base64(_first(given), defect),
        "base64dec": lambda given, _: _unbase64(_first(given), defect),
        "formatUnit": lambda given, options: _unit(given, options, defect),
        "lookup": lambda given, _: _looked_up(given),
        "log": lambda _given, _options: UNDEFINED,
    }


def _first(given: Sequence[Any]) -> Any:
    return _at(given, 0)


def _at(given: Sequence[Any], index: int) -> Any:
    value = given[index] if index < len(given) else UNDEFINED
    return value.value if isinstance(value, Opaque) else value


def _at_or_options(given: Sequence[Any], index: int) -> Any:
    """Return an argument; the one behind the last is the options object of Handlebars.

    A helper that is called with too few arguments takes that object for one of them, so
    ``{{default x}}`` renders ``[object Object]``.
    """
    return {} if index == len(given) else _at(given, index)


def _jsonify(value: object, defect: Defects) -> object:
    if value is UNDEFINED:
        return UNDEFINED
    return stringify(value, indent=None if defect("helpers.jsonify.compact") else 3)


def _unwrapped(value: object, defect: Defects) -> str:
    match value:
        case _ if value is None or value is UNDEFINED:
            return "" if defect("helpers.unwrap-json.nothing-for-null") else "Not specified"
        case bool():
            if defect("helpers.unwrap-json.booleans-kept"):
                return as_text(value)
            return "Yes" if value else "No"
        case list():
            return _LIST.format("".join(_ITEM.format(_unwrapped(item, defect)) for item in value))
        case datetime():
            return iso(value)
        case Mapping():
            rows = (f"{_words(key, defect)}: {_unwrapped(v, defect)}" for key, v in value.items())
            return "<br/>".join(rows)
        case _:
            return as_text(value)


def _words(value: object, defect: Defects) -> str:
    if value is None or value is UNDEFINED:
        shown = "undefined" if value is UNDEFINED else "null"
        raise Thrown(f"Cannot read properties of {shown} (reading 'replace')", "TypeError")
    if not isinstance(value, str):
        raise Thrown("camelCase.replace is not a function", "TypeError")
    if defect("helpers.key-to-word.kept"):
        return value
    # ASCII capitals only, as the pattern [A-Z] of the backend.
    spaced = "".join(f" {letter}" if "A" <= letter <= "Z" else letter for letter in value)
    return spaced[:1].upper() + spaced[1:]


def _equal(given: Sequence[Any], defect: Defects) -> bool:
    if defect("helpers.eq.by-text"):
        return as_text(_at(given, 0)) == as_text(_at(given, 1))
    return identical(_at(given, 0), _at(given, 1))


def _accepted(value: object) -> bool:
    return any(identical(value, word) for word in _YES)


def _any(given: Sequence[Any], defect: Defects) -> bool:
    if defect("helpers.or.plain-truth"):
        return any(truthy(value) for value in given)
    return any(_accepted(value) for value in given)


def _every(given: Sequence[Any], defect: Defects) -> bool:
    if defect("helpers.and.any-is-enough"):
        return any(_accepted(value) for value in given)
    return all(_accepted(value) for value in given)


def _negated(value: object, defect: Defects) -> bool:
    return _accepted(value) if defect("helpers.not.affirms") else not _accepted(value)


def _joined(given: Sequence[Any], defect: Defects) -> str:
    if defect("helpers.concat.first-only"):
        given = given[:1]
    return "".join("" if value is None or value is UNDEFINED else as_text(value) for value in given)


def _matched(given: Sequence[Any], defect: Defects) -> bool:
    text, pattern = as_text(_at(given, 0)), _at_or_options(given, 1)
    # The last argument behind the expression is the flags, however many there are.
    flags = _at(given, len(given) - 1) if len(given) > 2 else UNDEFINED
    if flags is UNDEFINED or defect("helpers.matches.flags-ignored"):
        flags = ""
    # ``new RegExp(undefined)`` is the empty expression.
    expression = "(?:)" if pattern is UNDEFINED else as_text(pattern)
    return JsRegex(expression, as_text(flags)).test(text)


def _default(given: Sequence[Any], defect: Defects) -> object:
    value, other = _at(given, 0), _at_or_options(given, 1)
    if defect("helpers.default.ignored"):
        return value
    return value if truthy(value) else other


def _job_v3(job: object, defect: Defects) -> object:
    if not isinstance(job, Mapping):
        shown = "undefined" if job is UNDEFINED else as_text(job)
        raise Thrown(f"Cannot read properties of {shown} (reading 'jobParams')", "TypeError")
    params = job.get("jobParams")
    params = params if isinstance(params, Mapping) else {}
    status = "statusMessage" if defect("helpers.job-v3.status-message-text") else "statusCode"
    body = {
        "id": job.get("id", UNDEFINED),
        "emailJobInitiator": job.get("contactEmail", UNDEFINED),
        "type": job.get("type", UNDEFINED),
        "creationTime": job.get("createdAt", UNDEFINED),
        # Other than v3 itself: the creator, and the dataset list stays among the parameters.
        "jobParams": {**params, "username": job.get("createdBy")},
        "jobStatusMessage": job.get(status, UNDEFINED),
        "datasetList": params.get("datasetList") or [],
    }
    if defect("helpers.job-v3.dataset-list-empty"):
        body["datasetList"] = []
    return {name: value for name, value in body.items() if value is not UNDEFINED}


def _encoded(value: object, defect: Defects) -> str:
    text = as_text(value)
    if defect("helpers.urlencode.kept"):
        return text
    try:
        return quote(text, safe="-_.!~*'()")
    except UnicodeEncodeError:
        raise Thrown("URI malformed", "URIError") from None


def _base64(value: object, defect: Defects) -> str:
    text = as_text(value)
    if defect("helpers.base64.kept"):
        return text
    try:
        return base64.b64encode(text.encode("latin-1")).decode()
    except UnicodeEncodeError:
        raise Thrown("Invalid character", "InvalidCharacterError") from None


def _unbase64(value: object, defect: Defects) -> str:
    text = as_text(value)
    if defect("helpers.base64.kept"):
        return text
    compact = "".join(text.split())
    # As atob: white space is ignored, and padding is allowed only where it completes the text.
    if len(compact) % 4 == 0:
        compact = compact.removesuffix("=").removesuffix("=")
    if not _BASE64.fullmatch(compact):
        raise Thrown("Invalid character", "InvalidCharacterError")
    if len(compact) % 4 == 1:
        raise Thrown("The string to be decoded is not correctly encoded.", "InvalidCharacterError")
    return base64.b64decode(compact + "=" * (-len(compact) % 4)).decode("latin-1")


def _unit(given: Sequence[Any], options: Mapping[str, Any], defect: Defects) -> str:
    if defect("helpers.format-unit.kept"):
        return f"{as_text(_at(given, 0))} {as_text(_at(given, 1))}"
    precision, notation = options.get("precision", 2), options.get("notation", "auto")
    return format_unit(_at(given, 0), _at_or_options(given, 1), precision, notation)


def _looked_up(given: Sequence[Any]) -> object:
    return member(given[0], as_text(given[1])) if len(given) > 1 else UNDEFINED
