// Draws diagrams in headless Chromium and reads the texts in the picture.

import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import puppeteer from 'puppeteer-core';

const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const SCRIPT = fileURLToPath(new URL('./node_modules/mermaid/dist/mermaid.min.js', import.meta.url));

export async function openBrowser() {
  const executablePath = PLACES.find((place) => place && fs.existsSync(place));
  if (executablePath === undefined) throw new Error('Chromium is not installed: run tests/mermaid/setup.sh');
  return puppeteer.launch({
    executablePath,
    args: [
      '--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
    ],
  });
}

/**
 * Draws one diagram; `picture` is a path without extension for its SVG and PNG, or null.
 * Gives the texts of all labels, and complaints about what cannot be seen.
 */
export async function drawn(browser, text, picture) {
  const page = await browser.newPage();
  try {
    await page.setViewport({ width: 1600, height: 1200 });
    await page.setContent('<body style="margin: 0; background: white"><div id="picture"></div></body>');
    await page.addScriptTag({ path: SCRIPT });
    const { svg, ...result } = await page.evaluate(drawInPage, text);
    if (picture !== null) {
      fs.writeFileSync(`${picture}.svg`, svg);
      await (await page.$('#picture svg')).screenshot({ path: `${picture}.png` });
    }
    return result;
  } finally {
    await page.close();
  }
}

/** Runs in the browser. */
async function drawInPage(text) {
  const { mermaid } = globalThis;
  mermaid.initialize({ startOnLoad: false, maxTextSize: 1e9, logLevel: 'fatal', suppressErrorRendering: true });
  const { svg } = await mermaid.render('diagram', text);
  const place = document.getElementById('picture');
  place.innerHTML = svg;
  const frame = place.querySelector('svg').getBoundingClientRect();
  const complaints = [];
  const texts = [];
  for (const label of place.querySelectorAll('foreignObject, .statediagramTitleText')) {
    const shown = label.textContent;
    if (shown.trim() === '') continue;
    texts.push(shown);
    const box = label.getBoundingClientRect();
    const inside = box.left >= frame.left - 1 && box.right <= frame.right + 1 && box.top >= frame.top - 1 && box.bottom <= frame.bottom + 1;
    if (box.width < 1 || box.height < 1 || !inside) complaints.push(`this label is not in sight: ${shown}`);
  }
  // Mermaid draws an arrow between a composite and a state in it, but one of no length.
  for (const arrow of place.querySelectorAll('path.transition')) {
    if (arrow.getTotalLength() < 5) complaints.push(`this arrow has no length: ${arrow.id}`);
  }
  return { svg, texts, complaints };
}
