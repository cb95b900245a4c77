// The variables, helpers and partials of a template, with the surrounding blocks resolved.
"use strict";

// A scope is the object in which the names of a part of a template are looked up. `path` has the
// segments from the root ("*" an item of a list, "?" the value itself or an item of it), or is null
// if unknown. `parent` is the scope of "../", `names` are block parameters.

class Uses {
  constructor(inlines, isHelper) {
    this.found = [];
    this.isHelper = isHelper;
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

  // A partial that the template defines itself (inline) is analysed in the scope of its use.
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
    if (node.params.length === 0 && !this.isHelper(name)) {
      return deeper(scope, plus(this.resolved(node.path, scope), "?"));
    }
    return scope;
  }

  // A mustache, a block or a subexpression: a helper with arguments, or a value.
  call(node, scope, how) {
    const name = node.path.original;
    const simple = node.path.type === "PathExpression" && isSimple(node.path, scope);
    const hash = node.hash ? node.hash.pairs : [];
    if (node.params.length || hash.length || (simple && this.isHelper(name))) {
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
    if (path?.[0] === INDEX[0]) return;
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

// A partial may show what it is given, as "with" may.
const PART = { raw: true, output: false, block: false, within: "with" };
// The second block parameter is the index or key, which leads into no value.
const INDEX = ["@index"];
const UNKNOWN = { path: null, parent: null, names: Object.create(null) };
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
    names[name] = at === 0 ? scope.path : INDEX;
  });
  return { ...scope, names };
}

function inlinesOf(tree, Visitor) {
  const found = new Map();
  class Finder extends Visitor {
    DecoratorBlock(block) {
      const [name] = block.params;
      if (block.path.original === "inline" && name) found.set(name.value, block.program);
      super.DecoratorBlock(block);
    }
  }
  new Finder().accept(tree);
  return found;
}

// Return all uses of a parsed template, in their order.
module.exports = function usesOf(tree, Visitor, isHelper) {
  const uses = new Uses(inlinesOf(tree, Visitor), isHelper);
  uses.block(tree, { path: [], parent: null, names: Object.create(null) });
  return uses.found;
};
