// Answers requests about templates, schemas, paths and YAML, one JSON line each, with the libraries
// of the node_modules folder that is named first on the command line.
//
// A request is {id, ask, ...}, an answer {id, answer} or {id, thrown: {name, message, ...}}.
// What JSON has no word for travels as {"$type": ..., "value": ...}: date, number (NaN and the
// infinities), undefined, and object (one that has a key "$type" of its own).
"use strict";

const { createRequire } = require("node:module");
const path = require("node:path");

// Libraries that talk must not talk in between the answers.
for (const name of ["log", "info", "debug"]) console[name] = console.error;

const load = createRequire(path.join(path.resolve(process.argv[2]), "engine.js"));
const Handlebars = load("handlebars");
const { JSONPath } = load("jsonpath-plus");
const Ajv = load("ajv").default;
const yaml = load("js-yaml");

const MOST_NODES = 300000;
const TRUE_WORDS = [true, "true", 1, "1", "on", "yes"];
const BUILT_IN = ["if", "unless", "each", "with", "lookup", "log"];

// ---- values ---------------------------------------------------------------------------------

function encoded(value, budget = { left: MOST_NODES }) {
  if (--budget.left < 0) throw new RangeError("the value is too large or contains itself");
  if (value === undefined) return { $type: "undefined" };
  if (typeof value === "number" && !Number.isFinite(value)) {
    return { $type: "number", value: String(value) };
  }
  if (typeof value === "bigint" || typeof value === "function") return String(value);
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Date) return { $type: "date", value: value.toISOString() };
  if (Array.isArray(value)) return value.map((each) => encoded(each, budget));
  if (ArrayBuffer.isView(value)) return Array.from(value);
  const pairs = Object.entries(value).map(([key, each]) => [key, encoded(each, budget)]);
  const made = Object.fromEntries(pairs);
  return Object.hasOwn(value, "$type") ? { $type: "object", value: made } : made;
}

function decoded(value) {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(decoded);
  switch (value.$type) {
    case "undefined":
      return undefined;
    case "date":
      return new Date(value.value);
    case "number":
      return Number(value.value);
    case "object":
      return plain(value.value);
    default:
      return plain(value);
  }
}

function plain(value) {
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, decoded(each)]));
}

// ---- helpers of the backend's templates -------------------------------------------------------

const isTrue = (value) => TRUE_WORDS.includes(value);
const withoutOptions = (values) => values.slice(0, -1);

function words(name) {
  const spaced = name.replace(/[A-Z]/g, (letter) => ` ${letter}`);
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

function unwrapped(value) {
  if (value === null || value === undefined) return "Not specified";
  if (value === true) return "Yes";
  if (value === false) return "No";
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) {
    const items = value.map((each) => `<li style='margin-bottom: 1em'>${unwrapped(each)}</li>`);
    return `<ul style='padding-left: 1em'>${items.join("")}</ul>`;
  }
  if (typeof value !== "object") return value;
  const lines = Object.entries(value).map(([key, each]) => `${words(key)}: ${unwrapped(each)}`);
  return lines.join("<br/>");
}

function asV3(job) {
  return {
    id: job.id || job._id,
    emailJobInitiator: job.contactEmail,
    type: job.type,
    creationTime: job.createdAt,
    jobParams: { ...job.jobParams, username: job.createdBy },
    jobStatusMessage: job.statusCode,
    datasetList: "datasetList" in job.jobParams ? job.jobParams.datasetList : [],
  };
}

function unitFormatted(number, unit, options) {
  return load("mathjs").unit(number, unit).format({ precision: 2, ...options.hash });
}

const HELPERS = {
  jsonify: (value) => JSON.stringify(value, null, 3),
  unwrapJSON: unwrapped,
  keyToWord: words,
  eq: (a, b) => a === b,
  or: (...values) => withoutOptions(values).some(isTrue),
  and: (...values) => withoutOptions(values).every(isTrue),
  not: (value) => !isTrue(value),
  concat: (...values) => withoutOptions(values).join(""),
  matches: (text, regex, ...rest) => new RegExp(regex, withoutOptions(rest).pop()).test(text),
  default: (value, instead) => value || instead,
  job_v3: asV3,
  urlencode: (value) => encodeURIComponent(value),
  base64enc: (value) => btoa(value),
  base64dec: (value) => atob(value),
  formatUnit: unitFormatted,
};

const hb = Handlebars.create();
hb.registerHelper(HELPERS);

// ---- what a template uses ---------------------------------------------------------------------

// A scope says what the names in a part of a template are looked up in: `path` are the segments
// from the root ("*" an item of a list, "?" the value itself or an item of it), null if unknown.
// `parent` is what "../" leads to, `names` are block parameters.

class Uses {
  constructor(inlines) {
    this.found = [];
    this.inlines = inlines;
    this.inside = [];
  }

  block(program, scope) {
    for (const statement of program ? program.body : []) this.statement(statement, scope);
  }

  statement(node, scope) {
    switch (node.type) {
      case "MustacheStatement":
        this.call(node, scope, { raw: !node.escaped, output: true, block: false });
        break;
      case "BlockStatement":
        this.blockStatement(node, scope);
        break;
      case "PartialStatement":
      case "PartialBlockStatement":
        this.partial(node, scope);
        break;
      case "DecoratorBlock":
      case "Decorator":
        if (node.path.original !== "inline") this.decorator(node);
        break;
    }
  }

  decorator(node) {
    this.note("decorator", node, { name: node.path.original });
  }

  // A part of the template that it defines itself is looked into where it is used.
  partial(node, scope) {
    const name = node.name.original;
    this.block(node.program, scope);
    for (const each of node.params) this.argument(each, scope, PART);
    for (const pair of node.hash ? node.hash.pairs : []) this.argument(pair.value, scope, PART);
    const inline = this.inlines.get(name);
    if (inline && !this.inside.includes(name)) {
      this.inside.push(name);
      this.block(inline, this.given(node, scope));
      this.inside.pop();
    } else if (!inline && name !== undefined && name !== "@partial-block" && !node.program) {
      this.note("partial", node, { name });
    }
  }

  given(node, scope) {
    const [subject] = node.params;
    const at = subject ? deeper(scope, this.resolved(subject, scope)) : scope;
    const names = Object.create(at.names);
    for (const pair of node.hash ? node.hash.pairs : []) {
      names[pair.key] = this.resolved(pair.value, scope);
    }
    return { ...at, names };
  }

  blockStatement(node, scope) {
    this.call(node, scope, { raw: true, output: false, block: true });
    const inside = this.inner(node, scope);
    this.block(node.program, node.program ? named(inside, node.program, this) : inside);
    this.block(node.inverse, scope);
  }

  inner(node, scope) {
    const name = node.path.original;
    const [subject] = node.params;
    if (name === "each") return deeper(scope, plus(this.resolved(subject, scope), "*"));
    if (name === "with") return deeper(scope, this.resolved(subject, scope));
    if (node.params.length === 0 && !isHelper(name)) {
      return deeper(scope, plus(this.resolved(node.path, scope), "?"));
    }
    return scope;
  }

  // A mustache, a block or a subexpression: a helper with arguments, or a value.
  call(node, scope, how) {
    const name = node.path.original;
    const simple = node.path.type === "PathExpression" && isSimple(node.path, scope);
    const hash = node.hash ? node.hash.pairs : [];
    if (node.params.length || hash.length || (simple && isHelper(name))) {
      this.note("helper", node, {
        ...how,
        name: String(name),
        params: node.params.length,
        literals: node.params.map((each) => ("value" in each ? each.value : null)),
        hash: hash.map((pair) => pair.key),
      });
      const inner = { ...how, output: false, block: false, within: String(name) };
      for (const each of node.params) this.argument(each, scope, inner);
      for (const pair of hash) this.argument(pair.value, scope, inner);
    } else if (node.path.type === "PathExpression") {
      this.value(node.path, scope, how);
    }
  }

  argument(node, scope, how) {
    if (node.type === "SubExpression") this.call(node, scope, how);
    else if (node.type === "PathExpression") this.value(node, scope, how);
  }

  value(node, scope, how) {
    const path = this.resolved(node, scope);
    this.note("path", node, { ...how, name: node.original, path });
  }

  resolved(node, scope) {
    if (!node || node.type !== "PathExpression") return null;
    let at = scope;
    if (node.data) {
      if (node.parts[0] !== "root") return null;
      return node.parts.slice(1);
    }
    const [first, ...rest] = node.parts;
    if (node.depth === 0 && first !== undefined && !isScoped(node) && first in at.names) {
      const start = at.names[first];
      return start && [...start, ...rest];
    }
    for (let depth = node.depth; depth > 0; depth--) at = at.parent ?? UNKNOWN;
    return at.path && [...at.path, ...node.parts];
  }

  note(kind, node, what) {
    const { line, column } = node.loc.start;
    this.found.push({ kind, line, column: column + 1, ...what });
  }
}

const PART = { raw: true, output: false, block: false, within: null };
const UNKNOWN = { path: null, parent: null, names: Object.create(null) };
const isHelper = (name) => Object.hasOwn(HELPERS, name) || BUILT_IN.includes(name);
const isScoped = (node) => /^(?:\.|this\b)/.test(node.original);
const plus = (segments, last) => segments && [...segments, last];

function isSimple(node, scope) {
  const one = node.parts.length === 1 && !node.depth && !node.data && !isScoped(node);
  return one && !(node.parts[0] in scope.names);
}

function deeper(scope, segments) {
  return { path: segments, parent: scope, names: scope.names };
}

function named(scope, program) {
  const names = Object.create(scope.names);
  (program.blockParams ?? []).forEach((name, at) => {
    names[name] = at === 0 ? scope.path : null;
  });
  return { ...scope, names };
}

function inlinesOf(tree) {
  const found = new Map();
  class Finder extends Handlebars.Visitor {
    DecoratorBlock(block) {
      const [name] = block.params;
      if (block.path.original === "inline" && name) found.set(name.value, block.program);
      super.DecoratorBlock(block);
    }
  }
  new Finder().accept(tree);
  return found;
}

function parsedTemplate(text) {
  const tree = hb.parse(text);
  hb.precompile(text);
  const uses = new Uses(inlinesOf(tree));
  uses.block(tree, { path: [], parent: null, names: Object.create(null) });
  return uses.found;
}

// ---- schemas, paths, patterns -----------------------------------------------------------------

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

// Filters and scripts of a path are compiled when something is there to ask, so they are tried here.
function checkedPath(text) {
  JSONPath({ path: text, json: {}, wrap: true });
  for (const part of JSONPath.toPathArray(text)) {
    const script = /^\??\((.*)\)$/s.exec(part);
    if (script) new JSONPath.prototype.safeVm.Script(script[1].replaceAll("@", "_$_v"));
  }
  return null;
}

const ASKED = {
  versions: () => ({ node: process.versions.node, ...versions() }),
  yaml: ({ text, name }) => encoded(yaml.load(text, { filename: name })),
  template: ({ text }) => parsedTemplate(text),
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

// ---- lines in, lines out ------------------------------------------------------------------------

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

let pending = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk) => {
  const lines = (pending + chunk).split("\n");
  pending = lines.pop();
  for (const line of lines) process.stdout.write(`${JSON.stringify(answered(line))}\n`);
});
