"""Defects beside the rules: changes of state, replies, lists, effects and tokens.

Other defects are asked for where a rule decides (``defect("id")``). Those of this package are
tables of functions that are called at a few places for every request, so that no rule mentions
them. They do what nobody asked for: change another job, show a token, accept a cookie.
"""
