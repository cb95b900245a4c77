"""The running instance of a facility, with the secrets of its people."""

from __future__ import annotations

from scicat_harness.config.login import LOCAL
from scicat_harness.config.tls import Tls
from scicat_harness.deploy.external import ExternalDeployment, GivenAccounts
from scicat_harness.facility.facility import FacilityFiles, load_facility
from scicat_harness.model.release import Release

__all__ = ["instance_deployment"]


def instance_deployment(files: FacilityFiles, release: Release) -> ExternalDeployment:
    """Return the running instance as a deployment, with the secrets of its people.

    Raises UsageFault if a secret is missing.
    """
    instance = load_facility(files, release).instance
    assert instance is not None
    assert files.facility is not None
    folder = files.facility.parent
    passwords, tokens = {}, {}
    for each in instance.people:
        secret = each.password or each.id_token
        if secret is not None:
            passwords[each.name] = secret.read(folder)
        elif each.token is not None:
            tokens[each.name] = each.token.read(folder)
    logins = {each.name: each.way for each in instance.people if each.way != LOCAL}
    # Seconds between two requests.
    pace = 1.0 / instance.limits.requests_per_second
    bundle, own = (
        folder / each if each is not None else None
        for each in (instance.ca_bundle, instance.client_cert)
    )
    tls = Tls.given(bundle, own)
    return ExternalDeployment(
        instance.url, GivenAccounts(passwords, tokens, logins), None, pace, tls
    )
