"""Edits of a YAML or JSON text at the places of its nodes, so that comments and anchors survive."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from scicat_harness.lint.document import Document, KeyPath
from scicat_harness.lint.finding import Edit
from scicat_harness.lint.nodes import Node

__all__ = ["add_keys", "apply", "remove_keys", "rename_key", "replace_value", "wrap_list"]

Edits = tuple[Edit, ...]


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with edits made, the last first; of two that overlap the first one wins."""
    chosen: list[Edit] = []
    for edit in sorted(set(edits), key=lambda each: (each.start, each.end)):
        if not chosen or edit.start >= chosen[-1].end:
            chosen.append(edit)
    for edit in reversed(chosen):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def rename_key(document: Document, path: KeyPath, name: str) -> Edits:
    """Another name for a key, in the quotes that it has."""
    node = document.key(path)
    if node is None:
        return ()
    quote = node.style if node.style in ("'", '"') else ""
    return (Edit(document.file, node.start, node.end, f"{quote}{name}{quote}"),)


def replace_value(document: Document, path: KeyPath, value: str) -> Edits:
    """Another text for a scalar, in quotes; one that several aliases share changes for all."""
    node = document.node(path)
    if node is None or node.kind != "scalar" or node.style in ("|", ">"):
        return ()
    quote = node.style or '"'
    if quote in value or "\\" in value:
        return ()
    return (Edit(document.file, node.start, node.end, f"{quote}{value}{quote}"),)


def add_keys(document: Document, path: KeyPath, keys: Mapping[str, str]) -> Edits:
    """Keys with values as they are to be written, after the first key of a mapping."""
    node = document.node(path)
    if node is None or node.kind != "map" or not node.entries:
        return ()
    key, value = node.entries[0]
    if node.style == "flow":
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
    """Keys with their values removed; all or none of them."""
    node = document.node(path)
    if node is None or node.kind != "map":
        return ()
    spans = [_span(document, node, name) for name in names]
    if None in spans:
        return ()
    return tuple(Edit(document.file, *span, "") for span in spans if span is not None)


def wrap_list(document: Document, version: str) -> Edits:
    """The list that is the whole file, put under ``jobs``."""
    root = document.root
    if root is None or root.kind != "list":
        return ()
    if root.style == "flow":
        head = f'{{"configVersion": "{version}", "jobs": '
        return (
            Edit(document.file, root.start, root.start, head),
            Edit(document.file, root.end, root.end, "}"),
        )
    if root.column != 1:
        return ()
    head = f'configVersion: "{version}"\njobs:\n'
    return (Edit(document.file, root.start, root.start, head),)


def _span(document: Document, node: Node, name: str) -> tuple[int, int] | None:
    found = node.entry(name)
    if found is None or found not in node.entries:
        return None
    key, value = found
    text = document.text
    if node.style == "flow":
        after = re.compile(r"\s*,\s*").match(text, value.end)
        if after:
            return key.start, after.end()
        before = re.search(r",\s*$", text[: key.start])
        return (before.start(), value.end) if before else None
    start = text.rfind("\n", 0, key.start) + 1
    if value.kind != "scalar" or value.style in ("|", ">") or text[start : key.start].strip():
        # On the line of a dash, or over lines whose end is not sure.
        return None
    end = text.find("\n", value.end)
    return start, len(text) if end < 0 else end + 1
