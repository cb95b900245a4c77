"""The facility file: what is wrong in it is said by key, value and fix, and no secret is shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from scicat_harness.errors import UsageFault
from scicat_harness.facility.file import Secret, read_facility, schema, template

PUBLISHED = (
    Path(__file__).parents[2] / "harness" / "scicat_harness" / "facility" / "facility.schema.json"
)
ALICE = {"name": "alice", "groups": ["a"], "password": {"env": "ALICE"}}
GOOD: dict[str, Any] = {
    "facility": "ours",
    "files": {"job_config": "jobConfig.yaml"},
    "never": ["scicat.example"],
    "instance": {"url": "https://test.example", "people": [ALICE], "janitor": "alice"},
}


def written(folder: Path, content: object) -> Path:
    path = folder / "facility.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def changed(**instance: Any) -> dict[str, Any]:
    return {**GOOD, "instance": {**GOOD["instance"], **instance}}


def test_the_template_of_init_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "facility.yaml"
    path.write_text(template(), encoding="utf-8")
    assert read_facility(path).instance is None
    # What is only remarked on is valid, too, once the marks are taken away.
    text = template()
    start = text.index("# instance:")
    lines = [line.removeprefix("# ") for line in text[start:].splitlines()]
    path.write_text(text[:start] + "\n".join(lines), encoding="utf-8")
    found = read_facility(path).instance
    assert found is not None
    assert [each.name for each in found.people] == ["alice", "ingestor", "admin"]


def test_the_published_schema_is_that_of_the_file() -> None:
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == schema()


def test_limits_have_usual_values(tmp_path: Path) -> None:
    found = read_facility(written(tmp_path, GOOD)).instance
    assert found is not None
    assert (found.limits.jobs, found.limits.requests_per_second) == (200, 5.0)


WRONG: dict[str, tuple[object, str]] = {
    "nothing": (None, "(top level)"),
    "misspelt": ({**GOOD, "facilty": 1}, "facilty: Extra inputs are not permitted"),
    "no-files": ({"facility": "x"}, "files: Field required"),
    "address-with-query": (changed(url="https://test.example/?x=1"), "without /api"),
    "address-with-password": (changed(url="https://a:b@test.example"), "leave them out"),
    "no-address": (changed(url="test.example"), "give http(s)://HOST[:PORT]"),
    "production": (changed(url="https://SciCat.example"), "is listed under never"),
    "stranger-as-janitor": (changed(janitor="bob"), "janitor 'bob' is not one of people (alice)"),
    "twice": (changed(people=[ALICE, ALICE]), "two have the same name"),
    "reaches-more-than-allowed": (changed(may_reach=["mail"]), "mail: not among job_types"),
    "nobody": (changed(people=[]), "instance.people: "),
    "too-fast": (changed(limits={"requests_per_second": 0}), "requests_per_second: "),
}


@pytest.mark.parametrize(("content", "said"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said(content: object, said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageFault) as caught:
        read_facility(written(tmp_path, content))
    assert said in str(caught.value)
    assert str(tmp_path / "facility.yaml") in str(caught.value)


def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path) -> None:
    plain = {**ALICE, "password": "correct horse"}
    with pytest.raises(UsageFault) as caught:
        read_facility(written(tmp_path, changed(people=[plain])))
    assert "people.0.password" in str(caught.value)
    # Neither as the value of another line, nor as a list that is too short without it.
    assert "correct horse" not in str(caught.value)
    assert "Tuple" not in str(caught.value)
    assert "correct horse" not in str(caught.value)


def test_a_secret_is_where_the_file_says(tmp_path: Path) -> None:
    (tmp_path / "alice").write_text("pw\n", encoding="utf-8")
    assert Secret(file=Path("alice")).read(tmp_path) == "pw"
    assert Secret(env="ALICE").read(tmp_path, {"ALICE": "pw"}) == "pw"
    with pytest.raises(UsageFault, match="ALICE is not set"):
        Secret(env="ALICE").read(tmp_path, {})
    with pytest.raises(UsageFault, match="cannot be read"):
        Secret(file=Path("bob")).read(tmp_path)


def test_what_is_no_yaml_and_what_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "facility.yaml"
    with pytest.raises(UsageFault, match="scicat-harness init"):
        read_facility(path)
    path.write_text("a: [", encoding="utf-8")
    with pytest.raises(UsageFault, match="not valid YAML"):
        read_facility(path)
