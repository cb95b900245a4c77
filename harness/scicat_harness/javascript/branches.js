// The branches of a template: the two sides of every {{#if}} and {{#unless}}, and the bodies and
// else parts of other blocks. Each is marked, so that a rendering says which ones it entered.
"use strict";

const MARK = "scicatHarnessBranch";

class Branches {
  found = [];
  inlines = [];
  calls = new Map();

  // `conditions` are those of the blocks around, `top` is false where names are looked up elsewhere
  // than in the root context.
  program(program, conditions, top) {
    for (const node of program ? program.body : []) this.node(node, conditions, top);
  }

  node(node, conditions, top) {
    switch (node.type) {
      case "BlockStatement":
        this.block(node, conditions, top);
        break;
      case "DecoratorBlock": {
        const before = this.found.length;
        this.program(node.program, [], true);
        this.inlines.push({ name: node.params[0]?.value, own: this.found.slice(before) });
        break;
      }
      case "PartialStatement":
      case "PartialBlockStatement":
        if (!this.calls.has(node.name.original)) this.calls.set(node.name.original, conditions);
        this.program(node.program, conditions, top);
    }
  }

  // An inline partial is rendered where it is called: under the conditions of its first call.
  placeInlines() {
    for (const { name, own } of this.inlines) {
      const around = this.calls.get(name) ?? [];
      for (const each of own) each.conditions = [...around, ...each.conditions];
    }
  }

  block(node, conditions, top) {
    const helper = node.path.original;
    const tests = helper === "if" || helper === "unless";
    const loops = helper === "each" || helper === "with";
    for (const side of ["program", "inverse"]) {
      // An if without an else has two sides as well: the text is there, or not.
      if (!node[side] && !tests) continue;
      node[side] ??= { type: "Program", body: [], strip: {}, blockParams: [], loc: node.loc };
      // Handlebars looks for the block of an "else if" where the mark is now.
      node[side].chained = false;
      node.inverseStrip ??= { open: false, close: false };
      const truth = (side === "program") === (helper !== "unless");
      const value = expression(node.params[0], top);
      // A loop has a body where there is something to loop over.
      const test = tests ? value : { call: "nonempty", params: [value] };
      const own = tests || loops ? [...conditions, { test, truth }] : conditions;
      const inside = top && (tests || side === "inverse");
      const id = this.branch(node, side, own);
      this.program(node[side], own, inside);
      node[side].body.unshift(marker(id, node.loc));
    }
  }

  branch(node, side, conditions) {
    const { line } = node.loc.start;
    const test = node.params.map(shown).join(" ");
    const text = `{{#${[node.path.original, test].filter(Boolean).join(" ")}}}`;
    return this.found.push({ line, text, otherwise: side === "inverse", conditions }) - 1;
  }
}

function marker(id, loc) {
  const path = { type: "PathExpression", data: false, depth: 0, parts: [MARK], original: MARK, loc };
  const number = { type: "NumberLiteral", value: id, original: id, loc };
  const strip = { open: false, close: false };
  return { type: "MustacheStatement", path, params: [number], escaped: false, strip, loc };
}

function expression(node, top) {
  switch (node?.type) {
    case "StringLiteral":
    case "NumberLiteral":
    case "BooleanLiteral":
      return { value: node.value };
    case "SubExpression":
      return { call: node.path.original, params: node.params.map((each) => expression(each, top)) };
    case "PathExpression":
      if (node.data && node.parts[0] === "root") return { path: node.parts.slice(1) };
      if (!node.data && !node.depth && top) return { path: node.parts };
  }
  return {};
}

function shown(node) {
  if (node.type !== "SubExpression") return node.type === "StringLiteral" ? `"${node.value}"` : node.original;
  return `(${[node.path.original, ...node.params.map(shown)].join(" ")})`;
}

// Return the marked tree of a template, and its branches in the order of their numbers.
module.exports = { MARK, branchesOf };

function branchesOf(tree) {
  const branches = new Branches();
  branches.program(tree, [], true);
  branches.placeInlines();
  return { tree, branches: branches.found };
}
