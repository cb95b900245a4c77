"""Templates: what handlebars.js 4.7 makes of them, stated literally, and the added helpers."""

from datetime import UTC, datetime
from typing import Any

import pytest

from scicat_harness.embedded.failures import BootFailure, Thrown
from scicat_harness.embedded.templates import Opaque, Template, TemplateFailure

CONTEXT: dict[str, Any] = {
    "s": "a<b>&\"'`=",
    "n": 5,
    "z": 0,
    "t": True,
    "no": False,
    "nul": None,
    "empty": [],
    "l": [1, "x", None, True],
    "o": {"a": 1, "b": "z"},
    "num": {"b": 1, "2": "two", "1": "one"},
    "ds": [{"pid": "P1", "files": ["f1", "f2"]}, {"pid": "P2", "files": []}],
    "date": datetime(2024, 1, 1, tzinfo=UTC),
    "job": Opaque({"id": "J", "createdBy": "me", "jobParams": {"x": 1}, "statusCode": "c"}),
    "weird key": "wk",
    "markup": {"toHTML": 1},
}

RENDERED = [
    ("{{s}}|{{{s}}}|{{&s}}", "a&lt;b&gt;&amp;&quot;&#x27;&#x60;&#x3D;|a<b>&\"'`=|a<b>&\"'`="),
    ("{{n}} {{z}} {{t}} {{no}} {{nul}} {{none.x.y}}", "5 0 true false  "),
    ("{{l}} {{o}} {{{l}}}", "1,x,,true [object Object] 1,x,,true"),
    ("{{date}}", "Mon Jan 01 2024 00:00:00 GMT+0000 (Coordinated Universal Time)"),
    ("{{#if s}}y{{else}}n{{/if}}{{#if z}}y{{else}}n{{/if}}{{#if empty}}y{{else}}n{{/if}}", "ynn"),
    ("{{#if z includeZero=true}}y{{/if}}{{#unless nul}}u{{/unless}}", "yu"),
    ("{{#if nul}}a{{else if z}}b{{else if t}}c{{else}}d{{/if}}", "c"),
    ("{{#each l}}{{@index}}:{{this}}{{#unless @last}},{{/unless}}{{/each}}", "0:1,1:x,2:,3:true"),
    ("{{#each o}}{{@key}}={{.}};{{/each}}{{#each num}}{{@key}}{{/each}}", "a=1;b=z;12b"),
    ("{{#each ds}}{{#each files}}{{../pid}}{{.}}{{@../index}}{{/each}}{{/each}}", "P1f10P1f20"),
    ("{{#each ds as |d i|}}{{i}}{{d.pid}}{{/each}}{{#each empty}}x{{else}}e{{/each}}", "0P11P2e"),
    ("{{#with o}}{{a}}{{../n}}{{/with}}{{#with nul}}x{{else}}e{{/with}}", "15e"),
    ("{{#o}}{{a}}{{/o}}{{#l}}{{this}}{{/l}}{{^nul}}i{{/nul}}{{#none}}x{{/none}}", "11xtruei"),
    ("{{#each l}}{{#if this}}{{../n}}{{/if}}{{/each}}", "555"),
    ("{{o/a}}{{o.[b]}}{{[weird key]}}{{this.n}}{{@root.n}}{{l.length}}{{l.[1]}}", "1zwk554x"),
    ("{{lookup o \"a\"}}{{lookup l 1}}{{lookup none 'x'}}", "1x"),
    ("{{! one }}a{{!-- two }} --}}b", "ab"),
    ("a {{~n~}} b {{~#if t~}} x {{~/if}} c", "a5bx c"),
    ("a\n  {{#if t}}  \n  b\n  {{else}}\n  d\n  {{/if}}\nc", "a\n  b\nc"),
    ("{{#each l}}\n- {{this}}\n{{/each}}\nend", "- 1\n- x\n- \n- true\nend"),
    ("\\{{n}} {{n}}", "{{n}} 5"),
    ("{{concat (concat \"a\" n) (default none 'c') nul}}", "a5c"),
    ("{{job.id}}{{#if job}}seen{{/if}}{{o.constructor}}", "seen"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "rendered"), RENDERED)
def test_rendering(text: str, rendered: str) -> None:
    template = Template(text)
    template.refuse_unsupported()
    assert template.render(CONTEXT) == rendered


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("{{{jsonify o}}}", '{\n   "a": 1,\n   "b": "z"\n}'),
        ("{{{jsonify none}}}|{{{jsonify nul}}}", "|null"),
        ("{{{jsonify job.id}}}{{{jsonify date}}}", '"2024-01-01T00:00:00.000Z"'),
        ("{{{unwrapJSON nul}}} {{{unwrapJSON t}}} {{{unwrapJSON n}}}", "Not specified Yes 5"),
        ("{{{unwrapJSON o}}}", "A: 1<br/>B: z"),
        ("{{{unwrapJSON empty}}}", "<ul style='padding-left: 1em'></ul>"),
        (
            "{{{unwrapJSON (lookup ds 0)}}}",
            "Pid: P1<br/>Files: <ul style='padding-left: 1em'>"
            "<li style='margin-bottom: 1em'>f1</li><li style='margin-bottom: 1em'>f2</li></ul>",
        ),
        ("{{keyToWord 'camelCase'}}|{{keyToWord 'URLValue'}}", "Camel Case| U R L Value"),
        ("{{eq n 5}} {{eq n '5'}} {{eq t 1}} {{eq none undefined}}", "true false false true"),
        ("{{or 'x'}} {{or 'on' no}} {{and 1 'yes'}} {{and t 'x'}} {{not 'x'}} {{not 'true'}}",
         "false true true false true false"),
        ("{{matches s '^a.b'}} {{matches 'AB' 'b'}} {{matches 'AB' 'b' 'i'}}", "true false true"),
        ("{{matches 'any'}} {{matches 'job'}} {{matches 'any' none}}", "false true true"),
        ("{{base64dec ' Y Q '}}", "a"),
        ("{{{markup}}}", "[object Object]"),
        ("{{default z 7}} {{default '' 'd'}} {{default n 7}}", "7 d 5"),
        ("{{urlencode 'a b/é'}} {{urlencode nul}}", "a%20b%2F%C3%A9 null"),
        ("{{{base64enc 'é'}}} {{base64dec '6Q=='}}", "6Q== é"),
        (
            "{{formatUnit 500 'GB'}} {{formatUnit 1000 'm'}} {{formatUnit 1001 'm'}} "
            "{{formatUnit 0.5 'GB'}} {{formatUnit 0.02 'm'}}",
            "500 GB 1000 m 1 km 0.5 GB 20 mm",
        ),
        ("{{formatUnit 52428800 'B'}} {{formatUnit 1500 'B'}}", "50 MiB 1.5 kB"),
        ("{{formatUnit 1234567 'B' precision=4}} {{formatUnit 5 'B' notation='fixed'}}",
         "1.235 MB 5.00 B"),
        ("{{formatUnit 12.5 'keV'}} {{formatUnit 0 'm'}} {{formatUnit 123456 'B'}}",
         "13 keV 0 m 120 KiB"),
        ("{{{jsonify (job_v3 job)}}}",
         '{\n   "id": "J",\n   "jobParams": {\n      "x": 1,\n      "username": "me"\n   },\n'
         '   "jobStatusMessage": "c",\n   "datasetList": []\n}'),
    ],
)  # fmt: skip
def test_helpers(text: str, rendered: str) -> None:
    assert Template(text).render(CONTEXT) == rendered


FAILING = [
    ("{{", "Error: Parse error on line 1"),
    ("a\n{{#if t}}", "Error: Parse error on line 2"),
    ("{{#if t}}x{{/each}}", "Error: if doesn't match each - 1:3"),
    ('{{#if s == "a"}}x{{/if}}', "Error: Parse error on line 1"),
    ("{{s }}}", "Error: Parse error on line 1"),
    ("{{l.1}}", "Error: Parse error on line 1"),
    ("{{nosuch s}}", 'Error: Missing helper: "nosuch"'),
    ("{{#nosuch s}}x{{/nosuch}}", 'Error: Missing helper: "nosuch"'),
    ("{{#if}}x{{/if}}", "Error: #if requires exactly one argument"),
    ("{{> part}}", "Error: The partial part could not be found"),
    ("{{keyToWord n}}", "TypeError: camelCase.replace is not a function"),
    ("{{base64enc '€'}}", "InvalidCharacterError: Invalid character"),
    ("{{formatUnit 1 'nosuchunit'}}", 'SyntaxError: Unit "nosuchunit" not found.'),
    ("{{formatUnit 'x' 'B'}}", 'Error: Cannot convert "x" to a number'),
    ("{{matches s '('}}", "SyntaxError: Invalid regular expression: /(/: Unterminated group"),
    ("{{matches s 'x)'}}", "SyntaxError: Invalid regular expression: /x)/: Unmatched ')'"),
    ("{{matches s '[)]('}}", "SyntaxError: Invalid regular expression: /[)](/: Unterminated group"),
    ("{{matches s '*'}}", "SyntaxError: Invalid regular expression: /*/: Nothing to repeat"),
    ("{{keyToWord none}}", "TypeError: Cannot read properties of undefined (reading 'replace')"),
    ("{{keyToWord nul}}", "TypeError: Cannot read properties of null (reading 'replace')"),
    ("{{base64dec 'YQ='}}", "InvalidCharacterError: Invalid character"),
    ("{{base64dec 'Y'}}", "InvalidCharacterError: The string to be decoded is not correctly"),
    ("{{formatUnit 5}}", "TypeError: Unexpected type of argument in function unit (expected: Unit"
     " or string or boolean, actual: Object, index: 1)"),
    ("{{formatUnit none 'B'}}", "TypeError: Unexpected type of argument in function unit"
     " (expected: number or BigNumber or Fraction or Unit or string or Array or Matrix or Complex"
     " or bigint or boolean, actual: identifier | undefined, index: 0)"),
    ("{{formatUnit l 'B'}}", "TypeError: Too many arguments in function unit"),
    ("{{formatUnit 5 ''}}", 'SyntaxError: "" contains no units'),
    ("{{markup}}", "TypeError: string.toHTML is not a function"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), FAILING)
def test_failing_at_the_first_use_only(text: str, message: str) -> None:
    template = Template(text)
    template.refuse_unsupported()
    with pytest.raises(Thrown) as caught:
        template.render(CONTEXT)
    assert caught.value.shown.startswith(message)


@pytest.mark.parametrize(
    ("text", "construct"),
    [
        ("{{{{raw}}}}x{{{{/raw}}}}", "raw block"),
        ("{{#> part}}x{{/part}}", "partial block"),
        ("{{#*inline 'x'}}{{/inline}}", "decorator"),
        ("{{jsonify}}", "'jsonify'"),
        ("{{formatUnit 1 'B' notation='engineering'}}", "formatUnit"),
    ],
)
@pytest.mark.usefixtures("without_libraries")
def test_refused_by_name(text: str, construct: str) -> None:
    with pytest.raises(BootFailure, match=f"{construct}.*, and there is no Node"):
        Template(text).refuse_unsupported()


@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("{{#*inline 'x'}}<b>{{a}}</b>{{/inline}}{{> x}}", "<b>1</b>"),
        ("{{#*inline 'x'}}[{{> @partial-block}}]{{/inline}}{{#> x}}{{a}}{{/x}}", "[1]"),
        # A document of the database: only the whole of it shows.
        ("{{#*inline 'x'}}{{job.id}}|{{{jsonify job}}}{{/inline}}{{> x}}", '|{\n   "id": "7"\n}'),
    ],
)
def test_the_genuine_library_renders_the_rest(text: str, rendered: str) -> None:
    template = Template(text)
    template.refuse_unsupported()
    assert template.render({"a": 1, "job": Opaque({"id": "7"})}) == rendered


@pytest.mark.usefixtures("libraries")
def test_its_errors_are_those_of_the_template() -> None:
    with pytest.raises(TemplateFailure, match="The partial gone could not be found"):
        Template("{{> gone}}").render({})
