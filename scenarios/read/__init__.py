"""Who may read and list which job, with filters, pages and relations."""

LEVEL = "core"
SITES = ("union",)
