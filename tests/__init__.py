"""Tests of the project itself; the scenarios are what it offers, and are in scenarios/."""
