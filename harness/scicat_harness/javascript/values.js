// Values in requests and answers: what JSON cannot express is {"$type": ..., "value": ...}, for
// date, number (NaN and the infinities), undefined, object (one with a key "$type" of its own), and
// concealed (an object whose members only JSON.stringify shows).
"use strict";

// Aliases of YAML can make a huge or endless value of a short text.
const MOST_NODES = 300000;

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

class Concealed {
  #value;

  constructor(value) {
    this.#value = value;
  }

  toJSON() {
    return this.#value;
  }
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
    case "concealed":
      return new Concealed(decoded(value.value));
    case "object":
      return plain(value.value);
    default:
      return plain(value);
  }
}

function plain(value) {
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, decoded(each)]));
}

module.exports = { encoded, decoded };
