"""Rendering: the page through its template; every value is escaped there."""

from __future__ import annotations

import base64
import hashlib
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from scicat_harness.report.page.link import cases_link
from scicat_harness.report.page.page import Page, moment
from scicat_harness.report.page.rows import embedded

__all__ = ["rendered", "template"]

_MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_SIGNS = {
    "passed": "✓",
    "deviating": "~",
    "failed": "✗",
    "not_verifiable": "⊘",
    "unknown": "?",
}
_VERDICT_SIGNS = {"pass": "✓", "fail": "✗", "unknown": "?", "deviating": "~"}


def rendered(page: Page) -> str:
    """One HTML document that needs nothing beside itself."""
    return template("page.html").render(
        page=page, summary=page.summary, data=Markup(embedded(page.data))
    )


def template(name: str) -> Template:
    """A template by its name; all of them escape every value."""
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("scicat_harness.report.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    script, style = _source(environment, "page.js"), _source(environment, "page.css")
    environment.globals.update(
        script=Markup(script),
        style=Markup(style),
        policy=_policy(script),
        signs=_SIGNS,
        verdict_signs=_VERDICT_SIGNS,
    )
    environment.filters["spoken"] = lambda name: str(name).replace("_", " ")
    environment.filters["moment"] = moment
    environment.filters["framed"] = framed
    environment.filters["cases_link"] = cases_link
    environment.filters["content"] = content
    return environment


def _source(environment: Environment, name: str) -> str:
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]


def _policy(script: str) -> str:
    """Nothing may be fetched, by anybody, and no script may run but the page's own."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def framed(document: str) -> str:
    """A mail for a frame without any rights; its policy comes first, so that nothing precedes it.

    The frame inherits the policy of the page besides.
    """
    return f'<meta http-equiv="Content-Security-Policy" content="{_MAIL_POLICY}">{document}'


def content(value: object) -> Markup:
    """A text escaped for the content of an element, never for an attribute.

    Quotes mean nothing there, and stories are full of JSON.
    """
    text = str(escape(value))
    return Markup(text.replace("&#34;", '"').replace("&#39;", "'"))
