// Puts job configurations to the loader of a built backend, without starting the backend.
//
//     node loader.js CHECKOUT
//
// Reads one JSON object a line, {"id", "folder", "environment"}, and answers each with
// {"id", "loaded", "output"}: whether the job configuration that the environment names loads in
// that working folder, and everything that was printed. It ends with its input.
"use strict";

const path = require("path");
const readline = require("readline");
const { createRequire } = require("module");

const DIST = path.join(path.resolve(process.argv[2]), "dist");
const CONFIG = path.join(DIST, "config") + path.sep;
const ofBackend = createRequire(path.join(DIST, "main.js"));

const answer = process.stdout.write.bind(process.stdout);
let output = "";
let failed = false;

function keep(chunk, ...rest) {
  output += chunk.toString();
  const written = rest.pop();
  if (typeof written === "function") written();
  return true;
}

process.stdout.write = keep;
process.stderr.write = keep;
// Actions within a switch are made in the background; a backend ends with their error.
process.on("unhandledRejection", fail);

function fail(error) {
  failed = true;
  output += `${error?.stack ?? error}\n`;
}

// Only the modules that read the configuration are loaded anew: others, such as those that add
// units to mathjs, can be loaded only once in a process.
function forgetConfiguration() {
  for (const name of Object.keys(require.cache)) {
    if (name.startsWith(CONFIG)) delete require.cache[name];
  }
}

function rootModule() {
  const { Module } = ofBackend("@nestjs/common");
  const { ConfigModule } = ofBackend("@nestjs/config");
  const { MailerModule } = ofBackend("@nestjs-modules/mailer");
  const { default: configuration } = ofBackend("./config/configuration");
  const { JobConfigModule } = ofBackend("./config/job-config/jobconfig.module");
  class Root {}
  Module({
    imports: [
      ConfigModule.forRoot({ load: [configuration], isGlobal: true, cache: true }),
      // Mail actions ask for it when they are made; nothing is sent.
      MailerModule.forRoot({ transport: { jsonTransport: true } }),
      JobConfigModule,
    ],
  })(Root);
  return Root;
}

async function load(folder, environment) {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, environment);
  process.chdir(folder);
  forgetConfiguration();
  const { NestFactory } = ofBackend("@nestjs/core");
  const created = ofBackend("./config/job-config/jobconfig.interface");
  const app = await NestFactory.createApplicationContext(rootModule(), { abortOnError: false });
  // Actions within a switch ask for these too. They asked first, so their answers come first.
  for (const name of ["CREATE_JOB_ACTION_CREATORS", "UPDATE_JOB_ACTION_CREATORS"]) {
    await app.resolve(created[name], undefined, { strict: false });
  }
  // An unhandled rejection is reported after the microtasks of this turn.
  await new Promise(setImmediate);
  await app.close();
}

async function ask(line) {
  const { id, folder, environment } = JSON.parse(line);
  output = "";
  failed = false;
  try {
    await load(folder, environment);
  } catch (error) {
    fail(error);
  }
  answer(`${JSON.stringify({ id, loaded: !failed, output })}\n`);
}

let last = Promise.resolve();
readline.createInterface({ input: process.stdin }).on("line", (line) => {
  last = last.then(() => ask(line));
});
