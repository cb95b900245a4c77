// Loaded before a backend with mutants: switches them, and says which check ran which of them.
//
// Listens on the socket PID.sock in the folder of this file for one JSON object a line, and answers each by one:
//   {"active": "7"}       mutant 7 from now on; null: none
//   {"test": "a::b"}      requests that arrive from now on belong to this check; null: to none
//   {"coverage": true}    what ran so far: {"static": [ids], "tests": {check: [ids]}}
// The files "active" and "test" there say the same to a backend that starts later. One that
// ends leaves its coverage in PID.json.

"use strict";
const { AsyncLocalStorage } = require("node:async_hooks");
const fs = require("node:fs");
const http = require("node:http");
const net = require("node:net");
const path = require("node:path");
const readline = require("node:readline");

const FOLDER = __dirname;
// Calls of one mutant after which it throws: a loop without an end must not stop the backend.
const HIT_LIMIT = 200000;
const NO_TEST = "-";

const requests = new AsyncLocalStorage();
const space = (globalThis.__stryker__ ??= {});
space.mutantCoverage = { static: {}, perTest: {} };
let test = read("test");
activate(read("active"));
// Stryker's code asks for it at each mutant. Work that lost its request belongs to the present
// check, which is right as long as checks run one after the other.
Object.defineProperty(space, "currentTestId", {
  get: () => requests.getStore() ?? test ?? undefined,
});

function read(name) {
  try {
    return fs.readFileSync(path.join(FOLDER, name), "utf8") || null;
  } catch {
    return null;
  }
}

function activate(id) {
  space.activeMutant = id;
  space.hitCount = 0;
  space.hitLimit = HIT_LIMIT;
}

function coverage() {
  const { static: atLoad, perTest } = space.mutantCoverage;
  const tests = Object.fromEntries(
    Object.entries(perTest).map(([name, hits]) => [name, Object.keys(hits)]),
  );
  return { static: Object.keys(atLoad), tests };
}

const emit = http.Server.prototype.emit;
http.Server.prototype.emit = function (event, ...args) {
  if (event !== "request") return emit.call(this, event, ...args);
  // A limit for each request: thousands of them call a mutant often without any loop.
  space.hitCount = 0;
  return requests.run(test ?? NO_TEST, () => emit.call(this, event, ...args));
};

const socket = path.join(FOLDER, `${process.pid}.sock`);
const server = net.createServer((connection) => {
  connection.on("error", () => {});
  readline.createInterface({ input: connection }).on("line", (line) => {
    const message = JSON.parse(line);
    if ("active" in message) activate(message.active);
    if ("test" in message) test = message.test;
    connection.write(JSON.stringify(message.coverage ? coverage() : {}) + "\n");
  });
});
server.listen(socket);
server.unref();
process.on("exit", () => {
  fs.rmSync(socket, { force: true });
  fs.writeFileSync(path.join(FOLDER, `${process.pid}.json`), JSON.stringify(coverage()));
});
