"""Configuration files: read YAML and JSON as the real backend's parser does.

See specification: configuration.file for YAML 1.2 (``yes`` is a text), start.errors for the
messages of missing and malformed files. PyYAML reads YAML 1.1, so scalars, mappings and anchors are
adapted.
"""

import re
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, ClassVar

import yaml

from scicat_harness.embedded.failures import BootFailure
from scicat_harness.embedded.javascript import as_text, parse_json

__all__ = ["read_document"]

# The C loader is absent where PyYAML was built without libyaml.
_FAST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# The characters that end the name of an anchor; any other may be part of it, even another &.
_NO_NAME = re.compile(r"[\0 \t\r\n\x85\u2028\u2029,\[\]{}]")


class _Construction:
    """A mixin for loaders: YAML 1.2 scalars, and mappings with text keys as in JavaScript."""

    # Empty, so that the YAML 1.1 resolvers of PyYAML are not inherited.
    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}
    construct_object: Any

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Put the keys of ``<<`` in front, and note which they are: they may be overridden."""
        # By identity: a merged node may be flattened again through another alias.
        own = {id(key) for key, _ in node.value}
        super().flatten_mapping(node)  # type: ignore[misc]
        merged = [key for key, _ in node.value if id(key) not in own]
        node.merged = {*getattr(node, "merged", ()), *map(id, merged)}  # type: ignore[attr-defined]

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = True) -> dict[str, Any]:
        """Return a mapping with text keys.

        Raises yaml.MarkedYAMLError for a key that is repeated, which PyYAML would accept.
        """
        self.flatten_mapping(node)
        mapping: dict[str, Any] = {}
        own: set[str] = set()
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            name = key if isinstance(key, str) else as_text(key)
            if name in own:
                raise yaml.MarkedYAMLError(
                    problem="duplicated mapping key", problem_mark=key_node.start_mark
                )
            if id(key_node) not in node.merged:  # type: ignore[attr-defined]
                own.add(name)
            mapping[name] = self.construct_object(value_node, deep=deep)
        return mapping

    def construct_yaml_map(self, node: yaml.MappingNode) -> dict[str, Any]:
        """Construct a mapping at once; PyYAML does so in two steps, for recursive documents."""
        return self.construct_mapping(node)


class _Loader(_Construction, _FAST):  # type: ignore[misc]
    """The fast loader, used for nearly every file."""


class _PatientLoader(_Construction, yaml.SafeLoader):  # type: ignore[misc]
    """The loader in Python, for files with anchor names that the fast one rejects."""

    def scan_anchor(self, token_class: Any) -> Any:
        """Return the token of an anchor or alias: everything up to a space or a bracket.

        Overrides the scanner of PyYAML, which accepts letters, digits, ``-`` and ``_`` only.
        """
        start = self.get_mark()
        self.forward()
        length = 0
        while not _NO_NAME.match(self.peek(length)):
            length += 1
        name = self.prefix(length)
        self.forward(length)
        if not name:
            raise yaml.MarkedYAMLError(problem="unidentified anchor", problem_mark=start)
        return token_class(name, start, self.get_mark())


# Tag, pattern, and the first characters by which the loader finds the pattern.
_SCALARS = (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0b[01]+|0o[0-7]+|0x[0-9a-fA-F]+|[0-9]+)", "-+0123456789"),
    (
        "float",
        r"[-+]?(?:[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?"
        r"|\.(?:inf|Inf|INF))|\.(?:nan|NaN|NAN)",
        "-+0123456789.",
    ),
    ("merge", r"<<", "<"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    (
        "timestamp",
        r"\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?"
        r"(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?",
        "0123456789",
    ),
)


def _construct_int(loader: Any, node: yaml.ScalarNode) -> int:
    text = loader.construct_scalar(node)
    sign = -1 if text.startswith("-") else 1
    digits = text.lstrip("+-")
    base = {"0b": 2, "0o": 8, "0x": 16}.get(digits[:2], 10)
    return sign * int(digits, base)


def _construct_float(loader: Any, node: yaml.ScalarNode) -> int | float:
    # JavaScript has one type of numbers: 1.0 is 1, and is shown so in error messages.
    value: float = yaml.SafeLoader.construct_yaml_float(loader, node)
    return int(value) if value.is_integer() and abs(value) < 1e21 else value


def _construct_time(loader: Any, node: yaml.ScalarNode) -> datetime:
    value: date = yaml.SafeLoader.construct_yaml_timestamp(loader, node)
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_CONSTRUCTORS: dict[str, Any] = {
    "int": _construct_int,
    "float": _construct_float,
    "timestamp": _construct_time,
}
_loader: Any
for _loader in (_Loader, _PatientLoader):
    for _name, _pattern, _first in _SCALARS:
        _loader.add_implicit_resolver(
            f"tag:yaml.org,2002:{_name}", re.compile(f"^(?:{_pattern})$"), list(_first)
        )
    for _name, _constructor in _CONSTRUCTORS.items():
        _loader.add_constructor(f"tag:yaml.org,2002:{_name}", _constructor)
    _loader.add_constructor("tag:yaml.org,2002:map", _loader.construct_yaml_map)


def read_document(path: str) -> Any:
    """Return the content of a YAML or JSON file.

    Raises BootFailure with the message of the real backend: ``ENOENT: ...`` for a missing file,
    ``YAMLException: ...`` with file, line and column for a syntax error.
    """
    text = _read(path)
    # A .json file that is no JSON may still be YAML, whose parser then reports the error.
    if path.lower().endswith(".json"):
        try:
            return parse_json(text)
        except ValueError:
            pass
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.scanner.ScannerError:
        # Perhaps only an anchor name; the slow loader decides.
        pass
    except yaml.YAMLError as error:
        raise BootFailure(_message(error, path)) from None
    try:
        return yaml.load(text, Loader=_PatientLoader)
    except yaml.YAMLError as error:
        raise BootFailure(_message(error, path)) from None


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        reason = f"ENOENT: no such file or directory, open '{path}'"
    except IsADirectoryError:
        reason = "EISDIR: illegal operation on a directory, read"
    except OSError as error:
        reason = f"{error.strerror}, open '{path}'"
    except UnicodeDecodeError as error:
        reason = f"{error.reason} in '{path}'"
    raise BootFailure(f"Error: {reason}")


def _message(error: yaml.YAMLError, path: str) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    where = f" ({mark.line + 1}:{mark.column + 1})" if mark else ""
    return f'YAMLException: {problem} in "{path}"{where}'
