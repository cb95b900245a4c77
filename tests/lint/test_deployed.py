"""The environment of a backend in compose files and Helm values."""

from __future__ import annotations

from pathlib import Path

import pytest

from scicat_harness.errors import UsageFault
from scicat_harness.lint.settings import read_env

COMPOSE = """\
services:
  mongodb: {image: mongo}
  api:
    image: ghcr.io/scicatproject/backend-next:v5.2.1
    env_file: [base.env]
    environment:
      ADMIN_GROUPS: admin, ops
      SITE: ${SITE:-north}
      TOKEN: ${TOKEN}
      ENABLED: true
"""
HELM = """\
site: north
urls: {portal: https://portal.example}
env:
- name: ADMIN_GROUPS
  value: admin
- name: PORTAL
  value: "{{ .Values.urls.portal }}/x"
- {name: JWT_SECRET, valueFrom: {secretKeyRef: {name: s, key: jwt}}}
scicat-backend:
  extraEnv: {SITE: "{{ .Values.site }}"}
"""


def read(folder: Path, name: str, text: str) -> dict[str, str]:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return dict(read_env(file).values)


def test_compose(tmp_path: Path) -> None:
    (tmp_path / "base.env").write_text("SITE=south\nEMAIL_FROM=a@b.example\n")
    assert read(tmp_path, "compose.yaml", COMPOSE) == {
        "SITE": "north",
        "EMAIL_FROM": "a@b.example",
        "ADMIN_GROUPS": "admin, ops",
        "TOKEN": "stand-in-for-token",
        "ENABLED": "true",
    }


def test_compose_with_a_list(tmp_path: Path) -> None:
    text = "services:\n  backend:\n    environment: [A=1=2, B]\n  other: {}\n"
    assert read(tmp_path, "docker-compose.yml", text) == {"A": "1=2", "B": "stand-in-for-b"}


def test_an_env_file_without_a_path_is_none(tmp_path: Path) -> None:
    text = "services:\n  backend:\n    env_file: [{required: false}]\n    environment: {A: b}\n"
    assert read(tmp_path, "compose.yaml", text) == {"A": "b"}


def test_helm(tmp_path: Path) -> None:
    assert read(tmp_path, "values.yaml", HELM) == {
        "ADMIN_GROUPS": "admin",
        "PORTAL": "https://portal.example/x",
        "JWT_SECRET": "stand-in-for-jwt_secret",
        "SITE": "north",
    }


def test_findings_are_placed_in_the_file(tmp_path: Path) -> None:
    read(tmp_path, "values.yaml", HELM)
    assert read_env(tmp_path / "values.yaml").lines["PORTAL"] == 6


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "not valid YAML"),
        ("a: 1", "has neither 'services'"),
        ("services: {a: {}, b: {}}", "it is not clear which one is the backend (a, b)"),
        ("services: {backend: {env_file: gone.env}}", "gone.env"),
    ],
)
def test_what_is_neither(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageFault) as caught:
        read(tmp_path, "x.yaml", text)
    assert said in str(caught.value)
