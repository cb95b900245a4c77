"""Accounts and environment that a backend is started with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.config.jobconfig import read_job_config
from scicat_harness.config.startup import Secrets, write_startup
from scicat_harness.errors import EnvironmentFault
from scicat_harness.fixtures.site import SITE
from scicat_harness.model.release import Release


def test_accounts_are_written_for_those_who_have_one(tmp_path: Path) -> None:
    secrets = Secrets.fresh(SITE)
    startup = write_startup(SITE, secrets, tmp_path)
    accounts = {each["username"]: each for each in json.loads(startup.accounts.read_text())}
    assert set(accounts) == {name for name, who in SITE.identities.items() if who.has_account}
    assert accounts["user3"] == {
        "username": "user3",
        "email": "user3@facility.example",
        "password": secrets.passwords["user3"],
        "role": ["group3", "group1", "group2"],
        "global": False,
    }


ONE_ROLE = Release(4, 26, 0)


def roles_of(path: Path, name: str) -> list[Any]:
    """The role of each entry of a user in an accounts file: a text, a list of texts, or None."""
    entries = json.loads(path.read_text())
    return [each.get("role") for each in entries if each["username"] == name]


def test_where_an_account_has_one_role_there_is_an_entry_for_each(tmp_path: Path) -> None:
    startup = write_startup(SITE, Secrets.fresh(SITE), tmp_path, release=ONE_ROLE)
    assert roles_of(startup.accounts, "user3") == ["group3", "group1", "group2"]
    assert roles_of(startup.accounts, "user1") == ["group1"]


def test_who_has_no_role_has_none_instead_of_an_empty_one(tmp_path: Path) -> None:
    startup = write_startup(SITE, Secrets.fresh(SITE), tmp_path, release=ONE_ROLE)
    assert roles_of(startup.accounts, "groupless") == [None]


def test_the_first_start_knows_every_user_once(tmp_path: Path) -> None:
    startup = write_startup(SITE, Secrets.fresh(SITE), tmp_path, release=ONE_ROLE)
    assert startup.first_accounts is not None
    users = [each["username"] for each in json.loads(startup.first_accounts.read_text())]
    assert sorted(users) == sorted(n for n, who in SITE.identities.items() if who.has_account)
    assert roles_of(startup.first_accounts, "user3") == ["group3"]


def test_where_an_account_has_a_list_of_roles_one_start_is_enough(tmp_path: Path) -> None:
    startup = write_startup(SITE, Secrets.fresh(SITE), tmp_path, release=Release(4, 27, 0))
    assert startup.first_accounts is None
    assert roles_of(startup.accounts, "user3") == [["group3", "group1", "group2"]]


def test_nobody_else_may_read_the_passwords(tmp_path: Path) -> None:
    startup = write_startup(SITE, Secrets.fresh(SITE), tmp_path, release=ONE_ROLE)
    assert startup.first_accounts is not None
    for path in (startup.accounts, startup.first_accounts):
        assert path.stat().st_mode & 0o077 == 0


def test_passwords_and_addresses_are_unique(tmp_path: Path) -> None:
    startup = write_startup(SITE, Secrets.fresh(SITE), tmp_path)
    accounts = json.loads(startup.accounts.read_text())
    for key in ("email", "password"):
        assert len({each[key] for each in accounts}) == len(accounts)


def test_group_lists_are_separated_by_a_comma_and_a_space(tmp_path: Path) -> None:
    environment = write_startup(SITE, Secrets.fresh(SITE), tmp_path).environment
    assert environment["ADMIN_GROUPS"] == "facility-admins, site-operators"
    assert environment["CREATE_JOB_PRIVILEGED_GROUPS"] == "ingestors, job-creators"
    assert environment["UPDATE_JOB_PRIVILEGED_GROUPS"] == "archivers, job-updaters"
    assert environment["DELETE_JOB_GROUPS"] == "job-cleaners, data-stewards"


def test_the_environment_names_the_files_wherever_it_is_used(tmp_path: Path) -> None:
    startup = write_startup(SITE, Secrets.fresh(SITE), tmp_path)
    for key in ("FUNCTIONAL_ACCOUNTS_FILE", "JOB_CONFIGURATION_FILE"):
        path = Path(startup.environment[key])
        assert path.is_absolute()
        assert path.is_file()


def test_the_job_configuration_is_that_of_the_site(tmp_path: Path) -> None:
    startup = write_startup(SITE, Secrets.fresh(SITE), tmp_path)
    assert read_job_config(startup.job_config).job_types == tuple(SITE.job_types.values())


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    secrets = Secrets.fresh(SITE)
    startup = write_startup(SITE, secrets, tmp_path)
    shown = f"{secrets!r} {secrets} {startup!r}"
    assert secrets.jwt is not None
    assert secrets.jwt not in shown
    assert not any(password in shown for password in secrets.passwords.values())


def test_secrets_are_new_every_time() -> None:
    first, second = Secrets.fresh(SITE), Secrets.fresh(SITE)
    assert first.jwt != second.jwt
    assert not set(first.passwords.values()) & set(second.passwords.values())


def test_a_folder_that_cannot_be_made_is_an_environment_fault(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentFault, match="cannot write into") as fault:
        write_startup(SITE, Secrets.fresh(SITE), tmp_path / "file" / "folder")
    assert str(tmp_path) in str(fault.value)
