"""Other ways to the same operation say the same, or are refused."""

LEVEL = "core"
SITES = ("union",)
