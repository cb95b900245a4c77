"""Variants of a request that meets a goal: with more, or with less, than the goal needs.

They render the branches of templates that depend on what no condition asks for: an item in a loop,
a field of a dataset, a parameter that may be missing. Whether a variant still meets the goal, and
which branches it renders, is for others to find out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from scicat_harness.facility.acceptance import A_DATE
from scicat_harness.facility.axes import FILES
from scicat_harness.facility.requests import Needs
from scicat_harness.model.dataset import DERIVED

__all__ = ["TemplateUse", "dataset_variants", "file_variants", "variants_of", "with_numbers"]

_PARAMS, _RESULT = "jobParams", "jobResultObject"
_ROOTS = ("job", "request")
_ITEMS = ("*", "?")
_OF_LISTS = ("*", "length")
_FILLING = "harness"
_NUMBER = 5000
_MOST_WITHOUT = 12
"""Most parameters that are left out, one in each variant."""
_DEEPEST = 3
_RICH: Mapping[str, Any] = {
    "description": "harness",
    "comment": "harness",
    "license": "harness",
    "runNumber": "harness",
    "dataFormat": "harness",
    "keywords": ["harness", "second"],
    "techniques": [{"pid": "harness", "name": "first"}, {"pid": "harness-2", "name": "second"}],
    "proposalIds": ["harness-proposal"],
    "sampleIds": ["harness-sample"],
    "instrumentIds": ["harness-instrument"],
    "startTime": A_DATE,
    "endTime": A_DATE,
    "size": 5000,
    "packedSize": 4000,
    "numberOfFiles": 2,
    # In SI units already, so that the backend adds known values.
    "scientificMetadata.temperature": {"value": 5, "unit": "K"},
    "scientificMetadata.note": "harness",
}
_RELATED: Mapping[str, Any] = {
    "relationships": [{"identifier": "harness-1"}, {"identifier": "harness-2"}],
}


@dataclass(frozen=True, slots=True)
class TemplateUse:
    """What the templates of a case look at.

    ``datasets`` and ``files`` say whether they may show datasets, and files that a request lists;
    ``paths`` start at the root of their context; ``compared`` are the texts that they compare with.
    """

    datasets: bool
    files: bool
    paths: list[tuple[str, ...]]
    compared: list[str]


def variants_of(needs: Needs, shown: TemplateUse, *, updating: bool) -> Iterator[tuple[str, Needs]]:
    """Yield variants of what a create or an update needs, each with a name."""
    bases = [("", needs)]
    if shown.datasets:
        fuller = list(dataset_variants(needs))
        yield from fuller
        name, fullest = fuller[-1]
        bases = [(f"{name}-", fullest), ("", replace(needs, lists=True))]
    if shown.files:
        yield from file_variants(needs)
    for prefix, base in bases:
        for name, each in _request_variants(base, shown, updating=updating):
            yield f"{prefix}{name}", each


def with_numbers(needs: Needs, named: Iterable[tuple[str, ...]], *, updating: bool) -> Needs:
    """Return needs with a number at each of these paths, unless they have a value there."""
    return _filled(needs, list(named), (_NUMBER,), updating=updating)


def dataset_variants(needs: Needs) -> Iterator[tuple[str, Needs]]:
    """Yield variants with fuller datasets, and with two of them, each with a name."""
    # v3 takes fewer fields of a derived dataset.
    fuller = {} if needs.datasets.get("type") == DERIVED else _RICH
    rich = replace(needs, datasets=_beside(needs.datasets, fuller), lists=True)
    yield "full-dataset", rich
    if needs.count is None:
        yield "two-datasets", replace(needs, lists=True, count=2)
        yield "two-full-datasets", replace(rich, count=2)
    # Before v5.0.0 relationships had other fields, and such a dataset is refused.
    yield "related-dataset", replace(rich, datasets=_beside(rich.datasets, _RELATED))


def file_variants(needs: Needs) -> Iterator[tuple[str, Needs]]:
    """Yield variants that list two files of a dataset, and none, each with a name."""
    others = {name: value for name, value in needs.datasets.items() if name != FILES}
    files = {**others, FILES: ("harness-1", "harness-2")}
    yield "listed-files", replace(needs, lists=True, datasets=files)
    yield "no-files", replace(needs, lists=True, datasets=others)


def _request_variants(
    needs: Needs, shown: TemplateUse, *, updating: bool
) -> Iterator[tuple[str, Needs]]:
    """Yield variants with other parameters or another result, each with a name."""
    texts = shown.compared
    filled = _filled(needs, shown.paths, (_FILLING,), updating=updating)
    several = replace(needs, params=_doubled(needs.params), result=_doubled(needs.result))
    for name, variant in (
        ("all-that-is-shown", filled),
        ("all-that-is-compared", _filled(needs, shown.paths, texts, updating=updating)),
        ("numbers", _filled(needs, shown.paths, (_NUMBER,), updating=updating)),
        ("two-items", several),
        ("all-texts", _listing(needs, texts)),
        ("further-texts", _listing(needs, [*texts, "harness-other"])),
    ):
        if variant != needs:
            yield name, variant
    for number, (key, less) in enumerate(_without(needs, updating=updating)):
        if number >= _MOST_WITHOUT:
            return
        yield f"without-{key}", less


def _beside(given: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return given fields with those further ones that lie neither in them nor around them."""
    free = {
        path: value
        for path, value in more.items()
        if not any(_contains(path, each) or _contains(each, path) for each in given)
    }
    return {**given, **free}


def _contains(path: str, other: str) -> bool:
    return f"{other}.".startswith(f"{path}.")


def _filled(
    needs: Needs, named: list[tuple[str, ...]], values: Sequence[Any], *, updating: bool
) -> Needs:
    params = _tree(named, _PARAMS, values)
    result = _tree(named, _RESULT, values) if updating else {}
    # Which datasets are listed is not a parameter like others.
    params.pop("datasetList", None)
    return replace(
        needs, params=_merged(needs.params, params), result=_merged(needs.result, result)
    )


def _tree(named: Iterable[tuple[str, ...]], root: str, values: Sequence[Any]) -> dict[str, Any]:
    """Return an object in which all of these paths lead to something.

    A list has an item for each of the values, elsewhere it is the first one.
    """
    top: dict[str, Any] = {}
    for path in named:
        if path[:1] and path[0] in _ROOTS and path[1:2] == (root,):
            place = top
            for step in path[2:]:
                place = place.setdefault("*" if step in _ITEMS or step.isdigit() else step, {})
    built = _built(top, values or (_FILLING,))
    return built if isinstance(built, dict) else {}


def _built(node: Mapping[str, Any], values: Sequence[Any]) -> Any:
    inner = {name: _built(each, values) for name, each in node.items() if name not in _OF_LISTS}
    if "*" in node:
        items = [_built(node["*"], (each,)) for each in values]
        # The last item lacks what the others have.
        return [*items, {}] if isinstance(items[0], dict) else [*items, items[0]]
    return inner or values[0]


def _merged(given: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    made = {**more, **given}
    for name, value in given.items():
        if isinstance(value, Mapping) and isinstance(more.get(name), Mapping):
            made[name] = _merged(value, more[name])
    return made


def _doubled(value: Any) -> Any:
    """Return a value in which each list of one item has it twice."""
    if isinstance(value, Mapping):
        return {name: _doubled(each) for name, each in value.items()}
    if isinstance(value, list):
        items = [_doubled(each) for each in value]
        return [*items, deepcopy(items[0])] if len(items) == 1 else items
    return value


def _listing(needs: Needs, texts: Sequence[str]) -> Needs:
    """Return needs in which each list of texts has those that templates compare with."""
    return replace(needs, params=_listed(needs.params, texts), result=_listed(needs.result, texts))


def _listed(value: Any, texts: Sequence[str]) -> Any:
    if isinstance(value, Mapping):
        return {name: _listed(each, texts) for name, each in value.items()}
    if isinstance(value, list) and value and texts:
        of_texts = all(isinstance(each, str) for each in value)
        return list(texts) if of_texts else [_listed(each, texts) for each in value]
    return value


def _without(needs: Needs, *, updating: bool) -> Iterator[tuple[str, Needs]]:
    """Yield needs without one of their values, the inner ones too."""
    for path in _paths(needs.params):
        yield "-".join(path), replace(needs, params=_less(needs.params, path))
    for path in _paths(needs.result) if updating else ():
        yield "-".join(path), replace(needs, result=_less(needs.result, path))


def _paths(value: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, each in value.items():
        yield (*above, name)
        inner = each[0] if isinstance(each, list) and each else each
        if isinstance(inner, Mapping) and len(above) + 1 < _DEEPEST:
            yield from _paths(inner, (*above, name))


def _less(value: Any, path: tuple[str, ...]) -> Any:
    if isinstance(value, list):
        return [_less(each, path) if isinstance(each, Mapping) else each for each in value]
    name, *rest = path
    made = dict(value)
    if not rest:
        made.pop(name, None)
    elif name in made:
        made[name] = _less(made[name], tuple(rest))
    return made
