"""Refused requests: nothing is sent, on any channel, whoever refuses."""

LEVEL = "extended"
SITES = ("effects",)
