"""Tests of the ledger of known deviations."""
