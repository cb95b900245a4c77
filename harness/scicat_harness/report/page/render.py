"""Rendering of the page by Jinja templates, which escape every value."""

from __future__ import annotations

import base64
import hashlib
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from scicat_harness.report.known import deviations_in_short
from scicat_harness.report.page.link import cases_link
from scicat_harness.report.page.page import Page, moment
from scicat_harness.report.page.rows import embedded

__all__ = ["rendered", "template"]

_MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_SIGNS = {
    "passed": "✓",
    "deviating": "~",
    "accepted": "≈",
    "failed": "✗",
    "not_verifiable": "⊘",
    "unknown": "?",
}
# Verdicts of runs, and "deviating" for the conclusion of a certificate.
_VERDICT_SIGNS = {"pass": "✓", "fail": "✗", "unknown": "?", "deviating": "~"}


def rendered(page: Page) -> str:
    """Return the page as one HTML document that loads no other file."""
    return template("page.html").render(
        page=page, summary=page.summary, data=Markup(embedded(page.data))
    )


def template(name: str) -> Template:
    """Return a template by its file name.

    All templates escape every value, and fail on a name that is not defined.
    """
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("scicat_harness.report.page"),
        autoescape=True,
        # A misspelt name fails in the tests instead of leaving a gap in a report.
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Markup: script and style are files of ours, and escaping would break them.
    script, style = _source(environment, "page.js"), _source(environment, "page.css")
    environment.globals.update(
        script=Markup(script),
        style=Markup(style),
        policy=_policy(script),
        signs=_SIGNS,
        verdict_signs=_VERDICT_SIGNS,
    )
    # "not_verifiable" becomes "not verifiable".
    environment.filters["spoken"] = lambda name: str(name).replace("_", " ")
    environment.filters["in_short"] = deviations_in_short
    environment.filters["moment"] = moment
    environment.filters["framed"] = framed
    environment.filters["cases_link"] = cases_link
    environment.filters["content"] = content
    return environment


def _source(environment: Environment, name: str) -> str:
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]


def _policy(script: str) -> str:
    """Return the Content-Security-Policy: no requests, and no script but that of the page."""
    # By its hash the script is allowed, but none that a value might bring in.
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def framed(document: str) -> str:
    """Return a mail as the document of a frame without rights.

    Its policy is the first element, so that it applies to everything else. The frame inherits the
    policy of the page as well.
    """
    return f'<meta http-equiv="Content-Security-Policy" content="{_MAIL_POLICY}">{document}'


def content(value: object) -> Markup:
    """Return a text escaped for the content of an element, never for an attribute.

    Quotes need no escape there. Stories are full of JSON, which stays readable and small.
    """
    text = str(escape(value))
    return Markup(text.replace("&#34;", '"').replace("&#39;", "'"))
