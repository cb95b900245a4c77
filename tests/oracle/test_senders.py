"""Senders as the header has them."""

from __future__ import annotations

import pytest

from scicat_harness.embedded.mail import Mail
from scicat_harness.oracle.actions.email import _sender


@pytest.mark.parametrize(
    ("configured", "header", "address"),
    [
        ("a@b.example", "a@b.example", "a@b.example"),
        ('"DOI Service" <a@b.example>', "DOI Service <a@b.example>", "a@b.example"),
        ("Service, DOI <a@b.example>", '"Service, DOI" <a@b.example>', "a@b.example"),
        ("Data-Team <a@b.example>", '"Data-Team" <a@b.example>', "a@b.example"),
        ("<a@b.example>", "a@b.example", "a@b.example"),
    ],
)
def test_both_readings_write_it_alike(configured: str, header: str, address: str) -> None:
    name, found = _sender(configured)
    assert (f"{name} <{found}>" if name else found, found) == (header, address)
    mail = Mail(configured, "to@b.example", "s", "<p>x</p>")
    assert f"From: {header}\r\n".encode() in mail.content()
    assert mail.from_address == address
