// Feeds diagrams to the real Mermaid and compares what it understood, and what it draws, with what was meant.
//
//   node verify.mjs [--pictures FOLDER] diagram.mmd expected.json [diagram.mmd expected.json …]
//
// `expected.json` is made from the machine, without a look at the diagram:
//
//   { "title": text,
//     "frame":    the name on the machine's frame, or null,
//     "states":   [{ "path": [names below the machine], "lines": [text] }],
//     "boxes":    [{ "path": [names of its composite], "title": text, "lines": [text] }],
//     "notes":    [{ "path": [names of its state] or null, "text": text }],
//     "arrows":   [{ "from": end, "to": end, "label": text }] }      end = { "state" | "box" | "start" | "end": path }
//                                                                         or { "fork": [path] }
//
// White space does not count, as labels are wrapped, nor do invisible non-joiners. The title is only in the picture. Exit 0: all is well; 1: a difference, printed as a diff;
// 2: something that this script needs is missing.

import fs from 'node:fs';
import path from 'node:path';
import { drawn, openBrowser } from './browser.mjs';
import { understood } from './parser.mjs';

/** Each thing in a diagram as one line of text, sorted, so that two diagrams can be compared line by line. */
function facts(graph) {
  const at = (names) => (names === null ? '(machine)' : `/${names.map(squeezed).join('/')}`);
  const paths = (kind, names) => (kind === 'fork' ? names.map(at).sort().join(' & ') : at(names));
  const end = (value) => Object.entries(value).map(([kind, names]) => `${kind} ${paths(kind, names)}`)[0];
  return [
    ...graph.states.map((state) => `state ${at(state.path)} { ${state.lines.map(squeezed).join(' | ')} }`),
    ...graph.boxes.map((box) => `box ${at(box.path)} "${squeezed(box.title)}" { ${box.lines.map(squeezed).join(' | ')} }`),
    ...graph.notes.map((note) => `note ${at(note.path)} ${squeezed(note.text)}`),
    ...graph.arrows.map((arrow) => `arrow ${end(arrow.from)} --> ${end(arrow.to)} : ${squeezed(arrow.label)}`),
  ].sort();
}

/** All texts that must be readable in the picture, one for each label. */
function texts(graph) {
  return [
    graph.title,
    ...(graph.frame ? [graph.frame] : []),
    ...graph.states.flatMap((state) => [state.path.at(-1), state.lines.join('')]),
    ...graph.boxes.flatMap((box) => [box.title, box.lines.join('')]),
    ...graph.notes.map((note) => note.text),
    ...graph.arrows.map((arrow) => arrow.label),
  ].map(squeezed).filter((text) => text !== '').sort();
}

function squeezed(text) {
  return text.replace(/[\s\u200c]+/gu, '');
}

/** The lines that only one of two sorted lists has; a line that occurs twice must occur twice in both. */
function difference(expected, found) {
  const count = new Map();
  for (const line of expected) count.set(line, (count.get(line) ?? 0) + 1);
  for (const line of found) count.set(line, (count.get(line) ?? 0) - 1);
  return [...count].filter(([, times]) => times !== 0).map(([line, times]) => (times > 0 ? `- ${line}` : `+ ${line}`)).sort(
    (a, b) => a.slice(2).localeCompare(b.slice(2)),
  );
}

/** The complaints about one diagram. */
async function check(browser, diagram, expected, picture) {
  const text = fs.readFileSync(diagram, 'utf8');
  const meant = JSON.parse(fs.readFileSync(expected, 'utf8'));
  const complaints = [];
  const compare = (what, wanted, found) => {
    const lines = difference(wanted, found);
    if (lines.length > 0) complaints.push(`${what} (- is meant, + is found):`, ...lines.map((line) => `  ${line}`));
  };
  try {
    compare('Mermaid understood something else', facts(meant), facts(await understood(text)));
  } catch (error) {
    complaints.push(`Mermaid cannot read it: ${error.message}`);
  }
  try {
    const result = await drawn(browser, text, picture);
    compare('the picture shows something else', texts(meant), result.texts.map(squeezed).filter((line) => line !== '').sort());
    complaints.push(...result.complaints);
  } catch (error) {
    complaints.push(`Mermaid cannot draw it: ${error.message}`);
  }
  return complaints;
}

async function main(args) {
  let folder = null;
  if (args[0] === '--pictures') {
    folder = args[1];
    args = args.slice(2);
    fs.mkdirSync(folder, { recursive: true });
  }
  if (args.length === 0 || args.length % 2 !== 0) {
    console.error('usage: node verify.mjs [--pictures FOLDER] diagram.mmd expected.json …');
    return 2;
  }
  const browser = await openBrowser();
  let failed = 0;
  try {
    for (let index = 0; index < args.length; index += 2) {
      const name = path.basename(args[index], '.mmd');
      const picture = folder === null ? null : path.join(folder, name);
      const complaints = await check(browser, args[index], args[index + 1], picture);
      console.log(`${complaints.length === 0 ? 'ok  ' : 'FAIL'} ${args[index]}`);
      for (const line of complaints) console.log(`     ${line}`);
      failed += complaints.length === 0 ? 0 : 1;
    }
  } finally {
    await browser.close();
  }
  console.log(`${args.length / 2 - failed} of ${args.length / 2} diagrams are what was meant`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  return 2;
});
