"""The JavaScript libraries the backend itself uses, in a Node process of ours.

What a template, a JSON schema, a JSONPath or a YAML file means to a backend is decided by
Handlebars, Ajv, JSONPath-Plus and js-yaml. Where Node and these libraries are at hand they are
asked; where not, ``find_engine`` says why, and whoever asks has to say that something was not
verifiable.
"""

from scicat_harness.javascript.engine import Compiled, JavaScriptEngine
from scicat_harness.javascript.failure import EngineFault, JavaScriptError, YamlError
from scicat_harness.javascript.finding import Missing, find_engine
from scicat_harness.javascript.template import Helper, Note, Variable

__all__ = [
    "Compiled",
    "EngineFault",
    "Helper",
    "JavaScriptEngine",
    "JavaScriptError",
    "Missing",
    "Note",
    "Variable",
    "YamlError",
    "find_engine",
]
