"""What ``standard`` keeps of a product: shown by counting, for every product in use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, product
from typing import Any

import pytest

import scicat_harness.fixtures.cases
from scicat_harness.fixtures.profile import Profile, latin_slice, rows

from ..everything import builders

Axes = tuple[tuple[Any, ...], ...]


def products_in_use() -> Iterator[tuple[Axes, int]]:
    """The axes and modulus of every product the builders make."""
    taken: list[tuple[Axes, int]] = []

    def note(
        axes: Sequence[Sequence[Any]], profile: Profile, *, modulus: int
    ) -> Iterable[tuple[Any, ...]]:
        taken.append((tuple(tuple(axis) for axis in axes), modulus))
        return rows(axes, profile, modulus=modulus)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scicat_harness.fixtures.cases, "rows", note)
        for build in builders().values():
            list(build(Profile.STANDARD))
    yield from taken


PRODUCTS = {
    f"{index}-{'x'.join(str(len(axis)) for axis in axes)}-mod-{modulus}": (axes, modulus)
    for index, (axes, modulus) in enumerate(products_in_use())
}


def kept(axes: Axes, modulus: int) -> list[tuple[int, ...]]:
    """The rows of the slice, as positions."""
    return list(latin_slice([range(len(axis)) for axis in axes], modulus=modulus))


def met(axes: Axes, modulus: int, chosen: tuple[int, ...]) -> bool:
    """Whether every combination of values of the chosen axes is in some row."""
    seen = {tuple(row[index] for index in chosen) for row in kept(axes, modulus)}
    return seen == set(product(*(range(len(axes[index])) for index in chosen)))


@pytest.mark.parametrize(("axes", "modulus"), PRODUCTS.values(), ids=PRODUCTS)
def test_every_pair_of_values_is_met(axes: Axes, modulus: int) -> None:
    missing = [pair for pair in combinations(range(len(axes)), 2) if not met(axes, modulus, pair)]
    assert missing == []


@pytest.mark.parametrize(("axes", "modulus"), PRODUCTS.values(), ids=PRODUCTS)
def test_all_values_of_the_other_axes_are_met_together(axes: Axes, modulus: int) -> None:
    """There is an axis without which every combination, every triple included, is kept."""
    every = range(len(axes))
    without = [tuple(other for other in every if other != index) for index in every]
    assert any(met(axes, modulus, chosen) for chosen in without)


@pytest.mark.parametrize(("axes", "modulus"), PRODUCTS.values(), ids=PRODUCTS)
def test_the_slice_is_a_fraction_of_the_product(axes: Axes, modulus: int) -> None:
    whole = len(list(product(*axes)))
    assert abs(len(kept(axes, modulus)) - whole / modulus) <= whole / modulus * 0.1


def test_full_is_the_whole_product() -> None:
    axes = (("a", "b"), (1, 2, 3), ("x",))
    assert list(rows(axes, Profile.FULL, modulus=2)) == list(product(*axes))


def test_smoke_chooses_from_the_rows_of_standard() -> None:
    axes = (("a", "b"), (1, 2, 3))
    assert list(rows(axes, Profile.SMOKE, modulus=2)) == list(
        rows(axes, Profile.STANDARD, modulus=2)
    )


def test_the_slice_of_two_axes_is_a_checkerboard() -> None:
    assert list(latin_slice(("ab", "xyz"), modulus=2)) == [("a", "x"), ("a", "z"), ("b", "y")]
