// What Mermaid's own parser understands of a diagram, in the form of `expected.json` (see verify.mjs).

import { JSDOM } from 'jsdom';

// Mermaid looks for a document while it is loaded: the globals come first, the import must be dynamic.
const dom = new JSDOM('');
globalThis.window = dom.window;
globalThis.document = dom.window.document;
const { default: mermaid } = await import('mermaid');
mermaid.initialize({ startOnLoad: false, maxTextSize: 1e9, logLevel: 'fatal' });

/** The frame of a machine that is parallel itself. */
const FRAME = 'root__frame';

export async function understood(text) {
  await mermaid.parse(text);
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  const { nodes, edges } = db.getData();
  return new Graph(nodes, edges).read();
}

class Graph {
  constructor(nodes, edges) {
    this.nodes = new Map(nodes.map((node) => [node.id, node]));
    this.edges = edges;
  }

  read() {
    const graph = { states: [], boxes: [], notes: [], arrows: [] };
    for (const node of this.nodes.values()) this.node(node, graph);
    for (const edge of this.edges) this.edge(edge, graph);
    return graph;
  }

  node(node, graph) {
    const lines = (node.description ?? []).map(plain);
    if (['stateStart', 'stateEnd', 'choice', 'fork', 'divider', 'noteGroup'].includes(node.shape) || node.id === FRAME) return;
    if (node.shape === 'note') {
      graph.notes.push({ path: this.path(node.id.replace(/----note-\d+$/, '')), text: plain(node.label) });
    } else if (has(node, 'description')) {
      graph.notes.push({ path: null, text: plain(node.label) });
    } else if (has(node, 'inner')) {
      // A box without arrows has no title: its lines are its label.
      const titled = this.edges.some((edge) => edge.start === node.id);
      const path = this.path(node.parentId);
      graph.boxes.push(titled ? { path, title: plain(node.label), lines } : { path, title: '', lines: [plain(node.label)] });
    } else {
      graph.states.push({ path: this.path(node.id), lines });
    }
  }

  edge(edge, graph) {
    const from = this.nodes.get(edge.start);
    const to = this.nodes.get(edge.end);
    // The second half of a way through a junction or a bar belongs to the first; a note's line is no arrow.
    if (edge.arrowhead === 'none' || ['choice', 'fork'].includes(from.shape)) return;
    const onwards = ['choice', 'fork'].includes(to.shape) ? this.edges.filter((next) => next.start === to.id) : [edge];
    const ends = onwards.map((next) => this.nodes.get(next.end));
    if (to.shape === 'fork' ? ends.length < 2 : ends.length !== 1) {
      throw new Error(`${ends.length} ways lead on from the junction ${to.id}`);
    }
    graph.arrows.push({
      from: this.end(from),
      to: to.shape === 'fork' ? { fork: ends.map((end) => this.path(end.id)) } : this.end(ends[0]),
      label: plain(edge.label ?? ''),
    });
  }

  end(node) {
    if (node.shape === 'stateStart') return { start: this.path(node.parentId) };
    if (node.shape === 'stateEnd') return { end: this.path(node.parentId) };
    if (has(node, 'inner')) return { box: this.path(node.parentId) };
    return { state: this.path(node.id) };
  }

  /** The names from the outermost composite to this node; what sets regions apart, and the machine's frame, have none. */
  path(id) {
    const names = [];
    for (let node = this.nodes.get(id); node !== undefined; node = this.nodes.get(node.parentId)) {
      if (node.shape !== 'divider' && node.id !== FRAME) names.unshift(plain(node.label));
    }
    return names;
  }
}

function has(node, name) {
  return node.cssClasses.split(/\s+/).includes(name);
}

/** A label as the reader sees it: entities decoded, Markdown's emphasis aside, lines joined. */
function plain(label) {
  const element = document.createElement('div');
  const html = label.replace(/ﬂ°°/g, '&#').replace(/ﬂ°/g, '&').replace(/¶ß/g, ';').replace(/<br\s*\/?>/g, ' ');
  element.innerHTML = html;
  return element.textContent;
}
