// Puts all mutants into the files that a JSON file names, and prints the mutants.
//
//   node instrument.mjs FILE, with {"files": ["/copy/src/a.ts", ...]}
//   out: {"mutants": [{"id": "0", "fileName": "/copy/src/a.ts", "location": ..., ...}, ...]}

import { readFileSync, writeFileSync } from "node:fs";
import { commonTokens } from "@stryker-mutator/api/plugin";
import { createInstrumenter, disableTypeChecks } from "@stryker-mutator/instrumenter";
import { createInjector } from "typed-inject";

const silent = new Proxy({}, { get: (_, name) => () => name.startsWith?.("is") ? false : undefined });
const instrumenter = createInjector()
  .provideValue(commonTokens.logger, silent)
  .injectFunction(Object.assign((injector) => createInstrumenter(injector), {
    inject: [commonTokens.injector],
  }));
const options = { plugins: null, excludedMutations: [], ignorers: [], noHeader: false };
const { files } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const given = files.map((name) => ({ name, mutate: true, content: readFileSync(name, "utf8") }));
const made = await instrumenter.instrument(given, options);
for (const file of made.files) {
  // A mutant need not have the type of what it replaces.
  const { content } = await disableTypeChecks(file, options);
  writeFileSync(file.name, content);
}
process.stdout.write(JSON.stringify({ mutants: made.mutants }));
