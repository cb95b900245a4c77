"""Scenarios: one module per rule family; a matrix judged by the oracle, and rows that pin it."""
