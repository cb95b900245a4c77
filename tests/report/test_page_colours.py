"""The colours of the page can be told from what they stand on, in light, in dark and on paper."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

STYLE = (
    Path(__file__).parents[2]
    / "harness"
    / "scicat_harness"
    / "report"
    / "page"
    / "templates"
    / "page.css"
).read_text(encoding="utf-8")
FACES = dict(
    zip(("light", "dark", "print"), re.findall(r":root \{(.*?)\}", STYLE, re.S), strict=True)
)
ENOUGH = 4.5
"""Of WCAG 2.2, level AA, for text of usual size."""
PAIRS = [
    *((text, ground) for text in ("text", "soft", "accent") for ground in ("surface", "ground")),
    ("text", "code"),
    *((name, "surface") for name in ("pass", "fail", "unknown", "deviating", "none")),
    *((name, f"{name}-ground") for name in ("pass", "fail", "unknown", "deviating", "none")),
    *(("text", f"h{step}") for step in range(4)),
    ("h4-text", "h4"),
]


def colours(face: str) -> dict[str, str]:
    """The colours of a face by name."""
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", FACES[face]))


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG has it."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_can_be_read(text: str, ground: str, face: str) -> None:
    given = colours(face)
    light, dark = sorted((luminance(given[text]), luminance(given[ground])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= ENOUGH


@pytest.mark.parametrize("face", FACES)
def test_every_face_has_every_colour(face: str) -> None:
    assert colours(face).keys() == colours("light").keys()
