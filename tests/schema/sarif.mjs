// Holds logs against the JSON Schema of SARIF 2.1.0: `node sarif.mjs < LOGS`.
//
// Standard input has a log on each line. Standard output answers each with a line: `valid`, or what is wrong with it.
// The schema is OASIS' own, as Microsoft's test helper carries it.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import Ajv from "ajv-draft-04";
import addFormats from "ajv-formats";

const schema = createRequire(import.meta.url)("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");
const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false });
addFormats(ajv);
const validate = ajv.compile(schema);

for await (const line of createInterface({ input: process.stdin })) {
  console.log(validate(JSON.parse(line)) ? "valid" : ajv.errorsText(validate.errors));
}
