"""Edits of a YAML or JSON text at the places of its nodes: comments and anchors survive.

Each function returns an empty tuple if it cannot make its change safely in the way the file is
written, so that a finding without edits is reported and not fixed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from scicat_harness.lint.document import Document, KeyPath
from scicat_harness.lint.finding import Edit
from scicat_harness.lint.nodes import Node

__all__ = ["add_keys", "apply", "remove_keys", "rename_key", "replace_value", "wrap_list"]

Edits = tuple[Edit, ...]


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with all edits applied; of two that overlap only the first is.

    An edit that is skipped is found again in the next round of ``fixing.fixed``.
    """
    chosen: list[Edit] = []
    for edit in sorted(set(edits), key=lambda each: (each.start, each.end)):
        if not chosen or edit.start >= chosen[-1].end:
            chosen.append(edit)
    # From the end of the text, so that the offsets of the other edits stay valid.
    for edit in reversed(chosen):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def rename_key(document: Document, path: KeyPath, name: str) -> Edits:
    """Rename a key and keep its quotes."""
    node = document.key(path)
    if node is None:
        return ()
    quote = node.style if node.style in ("'", '"') else ""
    return (Edit(document.file, node.start, node.end, f"{quote}{name}{quote}"),)


def replace_value(document: Document, path: KeyPath, value: str) -> Edits:
    """Replace a scalar by a quoted text; an anchored value changes for all of its aliases."""
    node = document.node(path)
    if node is None or node.kind != "scalar" or node.style in ("|", ">"):
        return ()
    quote = node.style or '"'
    # Escaping differs between the kinds of quotes; no fix needs it.
    if quote in value or "\\" in value:
        return ()
    return (Edit(document.file, node.start, node.end, f"{quote}{value}{quote}"),)


def add_keys(document: Document, path: KeyPath, keys: Mapping[str, str]) -> Edits:
    """Add keys after the first key of a mapping; the values are written as they are given.

    In a block mapping the first value must be a plain or quoted scalar, since the end of a nested
    block is not known exactly.
    """
    node = document.node(path)
    if node is None or node.kind != "map" or not node.entries:
        return ()
    key, value = node.entries[0]
    if node.style == "flow":
        # In JSON the other keys must have quotes, too.
        quote = key.style if key.style in ("'", '"') else ""
        added = "".join(f", {quote}{name}{quote}: {text}" for name, text in keys.items())
        return (Edit(document.file, value.end, value.end, added),)
    if value.kind != "scalar" or value.style in ("|", ">"):
        return ()
    at = document.text.find("\n", value.end)
    at = len(document.text) if at < 0 else at
    indent = " " * (key.column - 1)
    added = "".join(f"\n{indent}{name}: {text}" for name, text in keys.items())
    return (Edit(document.file, at, at, added),)


def remove_keys(document: Document, path: KeyPath, names: Iterable[str]) -> Edits:
    """Remove keys with their values: all of them, or none if one cannot be removed."""
    node = document.node(path)
    if node is None or node.kind != "map":
        return ()
    spans = [_span(document, node, name) for name in names]
    if None in spans:
        return ()
    return tuple(Edit(document.file, *span, "") for span in spans if span is not None)


def wrap_list(document: Document, version: str) -> Edits:
    """Put a list that is the whole file under ``jobs``, with a ``configVersion`` before it."""
    root = document.root
    if root is None or root.kind != "list":
        return ()
    if root.style == "flow":
        head = f'{{"configVersion": "{version}", "jobs": '
        return (
            Edit(document.file, root.start, root.start, head),
            Edit(document.file, root.end, root.end, "}"),
        )
    # An indented list would have to be indented further as the value of a key.
    if root.column != 1:
        return ()
    head = f'configVersion: "{version}"\njobs:\n'
    return (Edit(document.file, root.start, root.start, head),)


def _span(document: Document, node: Node, name: str) -> tuple[int, int] | None:
    found = node.entry(name)
    # A key that is merged in belongs to another mapping.
    if found is None or found not in node.entries:
        return None
    key, value = found
    text = document.text
    if node.style == "flow":
        # With the key goes one comma: the one after it, or before it for the last key.
        after = re.compile(r"\s*,\s*").match(text, value.end)
        if after:
            return key.start, after.end()
        before = re.search(r",\s*$", text[: key.start])
        return (before.start(), value.end) if before else None
    start = text.rfind("\n", 0, key.start) + 1
    if value.kind != "scalar" or value.style in ("|", ">") or text[start : key.start].strip():
        # The key stands on the line of a dash, or its value ends on a line that is not known.
        return None
    end = text.find("\n", value.end)
    return start, len(text) if end < 0 else end + 1
