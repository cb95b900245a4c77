"""Handlebars 4.7 as far as job configurations use it: texts to trees, trees to texts.

No Python port renders as the real backend does, so this one is our own. What it does not know
(raw blocks, decorators, inline partials) is refused by name when the backend starts.
"""
