"""The JavaScript libraries of the backend, run in a Node process of our own.

Handlebars, Ajv, JSONPath-Plus and js-yaml decide what a template, a JSON schema, a JSONPath or a
YAML file means to a backend; no Python port agrees with them. Without Node or the libraries
``find_engine`` returns the reason, and the caller reports what was not verifiable::

    engine = find_engine()
    if isinstance(engine, Missing):
        print(engine.reason)
    else:
        with engine:
            print(engine.render("{{job.id}}", {"job": {"id": 1}}))
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
