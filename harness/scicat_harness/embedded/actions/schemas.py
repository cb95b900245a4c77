"""JSON schemas of a configuration, as Ajv 8 compiles and applies them.

See specification: action.validate. Draft-07; formats are ignored with a warning. A schema that the
library here would treat differently is left to Ajv; without Ajv such a schema stops the start.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from scicat_harness.embedded.failures import BootFailure
from scicat_harness.embedded.genuine import GENUINE

__all__ = ["Schema", "unknown_formats"]

_DRAFT_07 = "http://json-schema.org/draft-07/schema"


class Schema:
    """A compiled schema."""

    def __init__(self, schema: object) -> None:
        """Compile a schema.

        Raises BootFailure with the message of Ajv for an invalid schema, another draft, or a
        reference that leads nowhere (specification: start.errors).
        """
        # Imported late: the library takes longer to load than the rest of the backend.
        from jsonschema import Draft7Validator
        from jsonschema.exceptions import SchemaError

        if not isinstance(schema, dict | bool):
            raise BootFailure("Error: schema must be object or boolean")
        root = schema if isinstance(schema, dict) else {}
        # Ajv 8 has only this draft loaded; 2019 and 2020 need other builds of it.
        dialect = root.get("$schema", _DRAFT_07)
        if not isinstance(dialect, str) or dialect.rstrip("#") != _DRAFT_07:
            raise BootFailure(f'Error: no schema with key or ref "{dialect}"')
        self._genuine = schema if _check_keywords(root, root) else None
        try:
            Draft7Validator.check_schema(schema)
        except SchemaError as error:
            if error.validator == "format" and error.validator_value == "regex":
                # Python does not read every pattern of JavaScript.
                GENUINE.require("this pattern of a schema", "Or write a simpler pattern.")
                self._genuine = schema
                return
            at = "".join(f"/{part}" for part in error.absolute_path)
            raise BootFailure(f"Error: schema is invalid: data{at} {error.message}") from None
        self._validator: Any = Draft7Validator(_with_null(schema))

    def accepts(self, value: object) -> bool:
        """Return whether a value satisfies the schema; times of datasets are dates, not texts."""
        if self._genuine is not None:
            return GENUINE.accepts(self._genuine, _plain(value))
        return bool(self._validator.is_valid(_plain(value)))


def unknown_formats(node: object) -> Iterator[str]:
    """Return the formats in the schemas of a configuration; the real backend knows none."""
    if isinstance(node, list):
        for item in node:
            yield from unknown_formats(item)
    elif isinstance(node, dict):
        if isinstance(node.get("format"), str):
            yield node["format"]
        for value in node.values():
            yield from unknown_formats(value)


def _check_keywords(node: object, root: dict[str, Any]) -> bool:
    """Return whether a keyword is treated differently here; raise BootFailure for broken ones."""
    if isinstance(node, list):
        # Not any() of a generator: every part must be checked.
        return True in {_check_keywords(item, root) for item in node}
    if not isinstance(node, dict):
        return False
    differs = False
    reference = node.get("$ref")
    if isinstance(reference, str):
        if not _leads_somewhere(reference, root):
            raise BootFailure(f"Error: can't resolve reference {reference} from id #")
        # Ajv applies the other keywords, the library here ignores them as draft-07 demands.
        if len(node) > 1:
            GENUINE.require("keywords beside '$ref'", "Or move them into 'allOf'.")
            differs = True
    # A rule of Ajv, which the meta-schema of draft-07 does not have.
    if isinstance(node.get("nullable"), bool) and "type" not in node:
        raise BootFailure('Error: "nullable" cannot be used without "type"')
    return True in {_check_keywords(value, root) for value in node.values()} or differs


def _with_null(node: Any) -> Any:
    """Return the schema in terms of draft-07: ``nullable``, an extension of Ajv, as a type."""
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
        # The escapes of JSON Pointer (RFC 6901), in the order that keeps "~01" a "~1".
        name = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(node, dict) or name not in node:
            return False
        node = node[name]
    return True


def _plain(value: object) -> object:
    """Return the value for the schema library; a date is an object without members."""
    if isinstance(value, datetime):
        return {}
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
