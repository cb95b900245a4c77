"""Actions: the rules of each action type, one module for each, and the run of all of an operation.

To add an action type, see docs/adding-an-action.md.
"""
