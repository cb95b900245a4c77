"""Allure's own HTML report, made by the npm package ``allure`` if it is installed.

Its pages load Google Analytics, which reports every visit to Google. These scripts are removed,
because reports of a facility's catalogue are private.
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
# The dot never passes an end tag, so that a match does not span two scripts.
_INLINE = re.compile(r"<script\b[^>]*>(?:(?!</script>).)*?</script>", re.I | re.S)
_ANALYTICS = ("googletagmanager", "google-analytics", "gtag(", "dataLayer")
"""Texts by which an inline script of Google Analytics is recognised."""
_LONGEST = 600.0
"""Seconds that ``allure generate`` may take."""
_KEPT = (
    *("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "JAVA_HOME", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    "NODE_EXTRA_CA_CERTS",
)
"""Variables that Allure inherits: no secrets, but npx needs its proxy and certificates."""


def without_analytics(html: str) -> str:
    """Return the page without scripts of other servers and inline scripts of Google Analytics."""
    kept = _REMOTE.sub("", html)
    return _INLINE.sub(
        lambda found: "" if any(each in found[0] for each in _ANALYTICS) else found[0], kept
    )


def render_allure(results: Path, output: Path, command: str | None = None) -> Path:
    """Make the HTML report of a folder of results; return the page to open.

    ``command`` is the command line of Allure 3, by default ``allure`` on the PATH. Raises
    EnvironmentFault if the command is missing or fails, or if a page still refers to Google
    Analytics afterwards.
    """
    call = _command(command)
    generate = [*call, "generate", "--output", str(output), str(results)]
    # npm reads its settings, such as the registry of a facility, from npm_config_*.
    env = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT or name.lower().startswith("npm_config_")
    }
    done = run_command(generate, seconds=_LONGEST, env=env, merged=True)
    if done.code:
        # Five lines hold the reason of a failed command and still fit into a message.
        last = "\n".join(done.output.strip().splitlines()[-5:])
        raise EnvironmentFault(f"{shlex.join(call)} generate ended with {done.code}: {last}")
    pages = sorted(output.rglob("*.html"))
    for page in pages:
        kept = without_analytics(page.read_text(encoding="utf-8"))
        # Another release of Allure may embed the script in a way that the patterns do not match.
        if "googletagmanager" in kept:
            raise EnvironmentFault(
                f"{page}: still refers to Google Analytics after its scripts were removed; use "
                "another release of allure 3"
            )
        page.write_text(kept, encoding="utf-8")
    if not pages:
        raise EnvironmentFault(f"{shlex.join(call)} generate made no page in {output}")
    return output / "index.html"


def _command(given: str | None) -> list[str]:
    call = shlex.split(given) if given else ["allure"]
    if not call or shutil.which(call[0]) is None:
        raise EnvironmentFault(
            f"--render: {call[0] if call else given!r} is not available here; install Node.js, run "
            "'npm install allure@3', and give --allure-command node_modules/.bin/allure. "
            "The results are written and can be rendered on another machine"
        )
    return call
