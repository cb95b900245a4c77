"""What ``doctor`` says of the deployments."""

from __future__ import annotations

from scicat_harness.cli.doctor import Diagnosis, examine, ways
from scicat_harness.plugin.uses import DEPLOYMENTS


def found(**present: bool) -> list[Diagnosis]:
    return [
        Diagnosis(name.replace("_", " "), "1.0" if there else None, "", "install it")
        for name, there in present.items()
    ]


def test_every_deployment_is_spoken_of() -> None:
    lines = ways(examine())
    assert {line.split()[1].rstrip(":") for line in lines} == set(DEPLOYMENTS)


def test_a_deployment_works_where_nothing_of_it_is_missing() -> None:
    lines = ways(found(node=True, container_engine=True, docker_compose=False))
    assert "--deployment process: yes" in lines
    assert "--deployment containers: yes" in lines
    assert "--deployment scicatlive: no, needs docker compose" in lines


def test_everything_that_is_missing_is_named() -> None:
    lines = ways(found(node=False, container_engine=False, docker_compose=False))
    assert "--deployment process: no, needs node" in lines
    assert "--deployment scicatlive: no, needs container engine and docker compose" in lines
    assert "--deployment embedded: yes" in lines
