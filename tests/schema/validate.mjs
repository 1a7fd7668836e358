// Holds specs against the JSON Schema of the language: `node validate.mjs SCHEMA < SPECS`.
//
// Standard input has a spec on each line, as the JSON of its text. Standard output answers each with a line of JSON:
// `{ "unreadable": message }` where the text is no YAML, else `{ "lines": [n, …] }`, the lines (from 1) at which the
// schema objects, in order; none where the spec is valid. A schema that is no schema ends the run.
//
// The reader and the dialect of YAML (1.2) are those of yaml-language-server.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import Ajv2020 from "ajv/dist/2020.js";
import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument } from "yaml";

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, strictTypes: false });
ajv.addVocabulary(["errorMessage"]);
// Compiling holds the schema against its meta-schema first.
const validate = ajv.compile(JSON.parse(readFileSync(process.argv[2], "utf8")));

/** The nodes on the way along the pointer, each as `{ key, value }`. */
function way(document, pointer) {
  const nodes = [{ key: null, value: document.contents }];
  for (const part of pointer.split("/").slice(1)) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    let { value } = nodes.at(-1);
    if (isAlias(value)) value = value.resolve(document);
    nodes.push(entry(value, name));
  }
  return nodes;
}

function entry(value, name) {
  if (isSeq(value)) return { key: null, value: value.items[Number(name)] };
  const pair = isMap(value) && value.items.find(({ key }) => isScalar(key) && String(key.value ?? "") === name);
  return pair ? { key: pair.key, value: pair.value } : { key: null, value: null };
}

/** The lines of what an error of the validator is about: the key, and the beginning of the value. */
function places(document, lines, { instancePath, params }) {
  const nodes = [way(document, instancePath).at(-1)];
  const name = params.additionalProperty ?? params.propertyName;
  if (name !== undefined) nodes.push(entry(nodes[0].value, name));
  const offsets = nodes.flatMap(({ key, value }) => [key?.range?.[0], value?.range?.[0]]);
  return offsets.filter((offset) => offset !== undefined).map((offset) => lines.linePos(offset).line);
}

function answer(text) {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: "silent" });
  if (document.errors.length > 0) return { unreadable: document.errors[0].message };
  try {
    // Aliases can stand for too much to be written out, or for what they stand in.
    validate(document.toJS());
  } catch (error) {
    return { unreadable: error.message };
  }
  const found = new Set((validate.errors ?? []).flatMap((error) => places(document, lines, error)));
  return { lines: [...found].sort((one, other) => one - other) };
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(answer(JSON.parse(line))));
}
