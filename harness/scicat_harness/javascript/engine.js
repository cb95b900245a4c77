// Answers requests about templates, schemas, paths and YAML, one JSON line each. The first argument
// of the command line is the node_modules folder with the libraries.
//
// The second argument, if given, is the compiled module of a build with its helpers.
//
// A request is {id, ask, ...}, an answer {id, answer} or {id, thrown: {name, message, ...}}.
"use strict";

const { createRequire } = require("node:module");
const path = require("node:path");
const { decoded, encoded } = require("./values.js");
const helpersOf = require("./helpers.js");
const usesOf = require("./uses.js");
const { MARK, branchesOf } = require("./branches.js");

// Standard output is for answers only; what libraries print goes to standard error.
for (const name of ["log", "info", "debug"]) console[name] = console.error;

const load = createRequire(path.join(path.resolve(process.argv[2]), "engine.js"));
const Handlebars = load("handlebars");
const { JSONPath } = load("jsonpath-plus");
const Ajv = load("ajv").default;
const yaml = load("js-yaml");

const BUILT_IN = ["if", "unless", "each", "with", "lookup", "log"];
// A facility's build may have helpers of its own; they replace ours of the same name.
const ofTheBuild = process.argv[3] ? require(path.resolve(process.argv[3])).handlebarsHelpers : {};
const HELPERS = { ...helpersOf(load), ...ofTheBuild };

const hb = Handlebars.create();
hb.registerHelper(HELPERS);

const isHelper = (name) => Object.hasOwn(HELPERS, name) || BUILT_IN.includes(name);

function parsedTemplate(text) {
  const tree = hb.parse(text);
  hb.precompile(text);
  return usesOf(tree, Handlebars.Visitor, isHelper);
}

// A second environment: the helper that notes branches is none of the backend's.
const noting = Handlebars.create();
const entered = new Set();
noting.registerHelper({ ...HELPERS, [MARK]: (id) => void entered.add(id) });

const marked = new Map();

function markedTemplate(text) {
  if (!marked.has(text)) {
    const { tree, branches } = branchesOf(noting.parse(text));
    marked.set(text, { branches, render: noting.compile(tree) });
  }
  return marked.get(text);
}

// A template that fails has entered what stands before the failure.
function enteredBranches(text, context) {
  entered.clear();
  try {
    markedTemplate(text).render(context);
  } catch {}
  return [...entered];
}

// Not strict, as in the backend: unknown keywords are allowed. Its warnings are not needed here.
const newAjv = () => new Ajv({ strictSchema: false, strictTypes: false, logger: false });

function compiledAll(schemas) {
  const ajv = newAjv();
  for (const [at, schema] of schemas.entries()) {
    try {
      ajv.compile(schema);
    } catch (error) {
      return { at, name: error.name, message: error.message };
    }
  }
  return null;
}

function regexOf(text) {
  const found = /^\/(.*)\/([a-z]*)$/.exec(text);
  if (!found) throw new Error(`Expected slash-delimited regex. Got '${text}'`);
  return new RegExp(found[1], found[2]);
}

// JSONPath-Plus compiles a filter or script only when there is a value to test, so each is compiled
// here, with @ replaced as JSONPath-Plus does.
function checkedPath(text) {
  JSONPath({ path: text, json: {}, wrap: true });
  for (const part of JSONPath.toPathArray(text)) {
    const script = /^\??\((.*)\)$/s.exec(part);
    if (script) new JSONPath.prototype.safeVm.Script(script[1].replaceAll("@", "_$_v"));
  }
  return null;
}

const ASKED = {
  helpers: () => Object.keys(ofTheBuild ?? {}),
  versions: () => ({ node: process.versions.node, ...versions() }),
  yaml: ({ text, name }) => encoded(yaml.load(text, { filename: name })),
  template: ({ text }) => parsedTemplate(text),
  branches: ({ text }) => markedTemplate(text).branches,
  entered: ({ text, context }) => enteredBranches(text, decoded(context)),
  render: ({ text, context }) => hb.compile(text)(decoded(context)),
  schemas: ({ schemas }) => compiledAll(schemas.map(decoded)),
  schema: ({ schema, value }) => {
    const validate = newAjv().compile(decoded(schema));
    return { fits: validate(decoded(value)), errors: validate.errors ?? [] };
  },
  path: ({ path, value }) => encoded(JSONPath({ path, json: decoded(value), wrap: true })),
  pathSyntax: ({ path }) => checkedPath(path),
  regex: ({ text }) => String(regexOf(text)),
};

function versions() {
  const names = ["ajv", "handlebars", "js-yaml", "jsonpath-plus", "mathjs"];
  return Object.fromEntries(names.map((name) => [name, version(name)]));
}

function version(name) {
  const folder = load.resolve.paths(name).find((each) => exists(path.join(each, name)));
  return folder ? require(path.join(folder, name, "package.json")).version : "missing";
}

const exists = (folder) => require("node:fs").existsSync(path.join(folder, "package.json"));

// Lines and columns of js-yaml count from 0.
function thrown(error) {
  const { line, column } = error.mark ?? { line: null, column: null };
  const position = error.mark ? { line: line + 1, column: column + 1 } : {};
  const brief = error.reason ? { reason: error.reason } : {};
  return { name: error.name ?? "Error", message: String(error.message ?? error), ...brief, ...position };
}

function answered(line) {
  const request = JSON.parse(line);
  try {
    return { id: request.id, answer: ASKED[request.ask](request) };
  } catch (error) {
    return { id: request.id, thrown: thrown(error) };
  }
}

// A chunk may end in the middle of a line; the rest waits for the next one.
let pending = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk) => {
  const lines = (pending + chunk).split("\n");
  pending = lines.pop();
  for (const line of lines) process.stdout.write(`${JSON.stringify(answered(line))}\n`);
});
