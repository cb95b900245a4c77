"""The options that repeat a check on the same backend."""

from __future__ import annotations

import pytest

from scicat_harness.errors import UsageFault
from scicat_harness.plugin.options import Options

CONTAINERS = {"deployment": "containers", "backend_image": "scicat:v5.0.1", "report_dir": "r"}


def test_the_usual_is_left_out() -> None:
    assert Options.given({}).replay() == ""


def test_images_are_named_where_they_are_not_the_usual() -> None:
    assert Options.given(CONTAINERS).replay() == (
        "--deployment=containers --release=v5.0.1 --backend-image=scicat:v5.0.1"
    )
    more = {"mongo_image": "none", "rabbitmq_image": "rabbit:3"}
    assert Options.given({**CONTAINERS, **more}).replay().split()[3:] == [
        "--mongo-image=none",
        "--rabbitmq-image=rabbit:3",
    ]
    given = {**CONTAINERS, "broker": "embedded"}
    assert Options.given(given).replay().split()[3:] == ["--broker=embedded"]


@pytest.mark.parametrize(
    ("image", "release"),
    [
        ("ghcr.io/scicatproject/backend-next:v4.25.1", "v4.25.1"),
        ("127.0.0.1:5000/scicat:v4.25.1@sha256:4f", "v4.25.1"),
        ("ghcr.io/scicatproject/backend-next:5.3.0", "v5.3.0"),
        ("scicat:v5.0.1-alpine", "v5.0.1"),
        ("scicat:v5.0.1.2", "v5.2.1"),
        ("127.0.0.1:5000/scicat", "v5.2.1"),
        ("scicat:latest", "v5.2.1"),
    ],
)
def test_the_tag_of_an_image_tells_its_release(image: str, release: str) -> None:
    assert str(Options.given({**CONTAINERS, "backend_image": image}).release) == release


def test_scicatlive_needs_its_checkout() -> None:
    with pytest.raises(UsageFault, match="needs --scicatlive-dir"):
        Options.given({"deployment": "scicatlive"})
