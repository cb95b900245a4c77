"""Handlebars 4.7 as far as job configurations use it: a parser and a renderer of templates.

No Python port renders as the real backend does, so this one is our own. Raw blocks, decorators and
inline partials are not supported; they stop the start with a message that names them.
"""
