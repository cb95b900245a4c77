"""JSON schemas of a configuration: compiled once, draft-07, formats ignored with a warning.

See specification: action.validate. What this library judges otherwise than the backend is refused
at the start instead of judged wrongly.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from scicat_harness.embedded.failures import BootFailure

__all__ = ["Schema", "unknown_formats"]

_DRAFT_07 = "http://json-schema.org/draft-07/schema"


class Schema:
    """One compiled schema."""

    def __init__(self, schema: object) -> None:
        """Compile; raises BootFailure with the documented texts."""
        # Imported late: the library takes longer to load than the rest of the backend.
        from jsonschema import Draft7Validator
        from jsonschema.exceptions import SchemaError

        if not isinstance(schema, dict | bool):
            raise BootFailure("Error: schema must be object or boolean")
        root = schema if isinstance(schema, dict) else {}
        dialect = root.get("$schema", _DRAFT_07)
        if not isinstance(dialect, str) or dialect.rstrip("#") != _DRAFT_07:
            raise BootFailure(f'Error: no schema with key or ref "{dialect}"')
        _check_keywords(root, root)
        try:
            Draft7Validator.check_schema(schema)
        except SchemaError as error:
            at = "".join(f"/{part}" for part in error.absolute_path)
            raise BootFailure(f"Error: schema is invalid: data{at} {error.message}") from None
        self._validator: Any = Draft7Validator(_with_null(schema))

    def accepts(self, value: object) -> bool:
        """Whether a value satisfies the schema."""
        return bool(self._validator.is_valid(_plain(value)))


def unknown_formats(node: object) -> Iterator[str]:
    """The formats that the schemas in here ask for; the real backend knows none."""
    if isinstance(node, list):
        for item in node:
            yield from unknown_formats(item)
    elif isinstance(node, dict):
        if isinstance(node.get("format"), str):
            yield node["format"]
        for value in node.values():
            yield from unknown_formats(value)


def _check_keywords(node: object, root: dict[str, Any]) -> None:
    """Refuse references that lead nowhere and keywords that are judged differently here."""
    if isinstance(node, list):
        for item in node:
            _check_keywords(item, root)
    if not isinstance(node, dict):
        return
    reference = node.get("$ref")
    if isinstance(reference, str):
        if not _leads_somewhere(reference, root):
            raise BootFailure(f"Error: can't resolve reference {reference} from id #")
        if len(node) > 1:
            raise BootFailure("Error: the embedded backend supports no keywords beside '$ref'")
    if isinstance(node.get("nullable"), bool) and "type" not in node:
        raise BootFailure('Error: "nullable" cannot be used without "type"')
    for value in node.values():
        _check_keywords(value, root)


def _with_null(node: Any) -> Any:
    """The schema in draft-07 terms: what is ``nullable`` has null among its types."""
    if isinstance(node, list):
        return [_with_null(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {name: _with_null(value) for name, value in node.items()}
    if made.get("nullable") is True and "type" in made:
        types = made["type"] if isinstance(made["type"], list) else [made["type"]]
        made["type"] = [*types, "null"] if "null" not in types else types
    return made


def _leads_somewhere(reference: str, root: dict[str, Any]) -> bool:
    if not reference.startswith("#"):
        return False
    node: object = root
    for part in reference.lstrip("#").split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(node, dict) or name not in node:
            return False
        node = node[name]
    return True


def _plain(value: object) -> object:
    """The value as the schema library should see it; a date is an object without members."""
    if isinstance(value, datetime):
        return {}
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
