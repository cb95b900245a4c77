"""Variants of a request: fuller datasets, more items, other texts, and less than all of it."""

from __future__ import annotations

from scicat_harness.facility.requests import Needs
from scicat_harness.facility.variants import TemplateUse, variants_of

NOTHING = TemplateUse(datasets=False, files=False, paths=[], compared=[])


def variants(
    needs: Needs, shown: TemplateUse = NOTHING, *, updating: bool = False
) -> dict[str, Needs]:
    return dict(variants_of(needs, shown, updating=updating))


def test_a_request_without_parameters_has_none() -> None:
    assert variants(Needs()) == {}


def test_fields_of_datasets_are_added_where_a_condition_does_not_decide() -> None:
    needs = Needs(datasets={"keywords": ["only"], "scientificMetadata.temperature.unit": "keV"})
    fuller = variants(needs, TemplateUse(datasets=True, files=False, paths=[], compared=[]))
    full = fuller["full-dataset"].datasets
    assert full["keywords"] == ["only"]
    assert full["scientificMetadata.temperature.unit"] == "keV"
    assert "scientificMetadata.temperature" not in full
    assert full["sampleIds"] == ["harness-sample"]
    assert fuller["two-datasets"].count == 2
    assert "relationships" in fuller["related-dataset"].datasets


def test_a_number_of_datasets_stays() -> None:
    named = variants(
        Needs(lists=True, count=1), TemplateUse(datasets=True, files=False, paths=[], compared=[])
    )
    assert "two-datasets" not in named


def test_what_templates_show_is_filled_in() -> None:
    shown = TemplateUse(
        datasets=False,
        files=False,
        paths=[
            ("job", "jobParams", "mode"),
            ("job", "jobParams", "note"),
            ("job", "jobResultObject", "files", "*", "url"),
            ("request", "jobResultObject", "names", "*"),
            ("job", "jobParams", "datasetList", "*", "pid"),
            ("env", "SITE"),
        ],
        compared=[],
    )
    created = variants(Needs(params={"mode": "fast"}), shown)["all-that-is-shown"]
    assert (created.params, created.result) == ({"mode": "fast", "note": "harness"}, {})
    updated = variants(Needs(), shown, updating=True)["all-that-is-shown"]
    assert updated.result == {"files": [{"url": "harness"}, {}], "names": ["harness", "harness"]}


def test_lists_get_a_second_item_and_all_texts() -> None:
    needs = Needs(params={"sections": ["a"], "to": [{"email": "x"}]})
    found = variants(needs, TemplateUse(datasets=False, files=False, paths=[], compared=["a", "b"]))
    assert found["two-items"].params == {"sections": ["a", "a"], "to": [{"email": "x"}] * 2}
    assert found["all-texts"].params["sections"] == ["a", "b"]
    assert found["further-texts"].params["sections"] == ["a", "b", "harness-other"]
    assert found["all-texts"].params["to"] == [{"email": "x"}]


def test_each_value_is_left_out_once() -> None:
    needs = Needs(params={"to": [{"email": "x", "name": "y"}]}, result={"size": 1})
    found = variants(needs, updating=True)
    assert found["without-to"].params == {}
    assert found["without-to-name"].params == {"to": [{"email": "x"}]}
    assert found["without-size"].result == {}
    assert needs.params == {"to": [{"email": "x", "name": "y"}]}


def test_files_are_listed_where_templates_may_show_them() -> None:
    shown = TemplateUse(datasets=False, files=True, paths=[], compared=[])
    needs = Needs(datasets={"keywords": ["only"], "files": ("one",)})
    found = variants(needs, shown)
    assert found["listed-files"].datasets == {
        "keywords": ["only"],
        "files": ("harness-1", "harness-2"),
    }
    assert found["no-files"].datasets == {"keywords": ["only"]}
    assert found["no-files"].lists
