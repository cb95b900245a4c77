"""Journeys of users: from submission to finish, with an archive system."""

LEVEL = "extended"
SITES = ("effects",)
