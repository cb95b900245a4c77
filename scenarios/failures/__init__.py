"""Actions whose other side fails: the reply, the stored job, and the effects."""

LEVEL = "extended"
SITES = ("effects",)
