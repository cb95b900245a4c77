"""Allure's own HTML report, made by the npm package ``allure`` where that is installed.

What it makes asks a server of Google's for a script and tells it of every visit. That is taken out:
reports of a facility's catalogue are nobody else's business.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from pathlib import Path

from scicat_harness.command import run_command
from scicat_harness.errors import EnvironmentFault

__all__ = ["render_allure", "without_analytics"]

_REMOTE = re.compile(r"<script\b[^>]*\bsrc\s*=\s*[\"']?(?:https?:)?//[^>]*>\s*</script>", re.I)
_INLINE = re.compile(r"<script\b[^>]*>(?:(?!</script>).)*?</script>", re.I | re.S)
_TELLTALES = ("googletagmanager", "google-analytics", "gtag(", "dataLayer")
_LONGEST = 600.0
_KEPT = (
    *("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "JAVA_HOME", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    "NODE_EXTRA_CA_CERTS",
)
"""What it gets of our environment: no secret, but npx needs its proxy and certificates."""


def without_analytics(html: str) -> str:
    """The page without scripts of other servers, and without what speaks to Google's."""
    kept = _REMOTE.sub("", html)
    return _INLINE.sub(
        lambda found: "" if any(each in found[0] for each in _TELLTALES) else found[0], kept
    )


def render_allure(results: Path, output: Path, command: str | None = None) -> Path:
    """Make the HTML report of a folder of results; the page to open.

    ``command`` is how to call allure 3, by default ``allure`` on the PATH. Raises EnvironmentFault
    where that is not there, fails, or still speaks to others afterwards.
    """
    call = _command(command)
    generate = [*call, "generate", "--output", str(output), str(results)]
    env = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT or name.lower().startswith("npm_config_")
    }
    done = run_command(generate, seconds=_LONGEST, env=env, merged=True)
    if done.code:
        last = "\n".join(done.output.strip().splitlines()[-5:])
        raise EnvironmentFault(f"{shlex.join(call)} generate ended with {done.code}: {last}")
    pages = sorted(output.rglob("*.html"))
    for page in pages:
        kept = without_analytics(page.read_text(encoding="utf-8"))
        if "googletagmanager" in kept:
            raise EnvironmentFault(f"{page}: speaks to Google in a way that is not known here")
        page.write_text(kept, encoding="utf-8")
    if not pages:
        raise EnvironmentFault(f"{shlex.join(call)} generate made no page in {output}")
    return output / "index.html"


def _command(given: str | None) -> list[str]:
    call = shlex.split(given) if given else ["allure"]
    if not call or shutil.which(call[0]) is None:
        raise EnvironmentFault(
            f"--render: {call[0] if call else given!r} is not available here; install Node.js and "
            "'npm install allure@3', and give --allure-command node_modules/.bin/allure. "
            "The results are written and can be rendered elsewhere"
        )
    return call
