import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { test } from 'node:test';
import { closeBrowser, needsChromium, openBrowser, openPage } from './browser.ts';
import { childrenOf } from './processes.ts';

const PAGE = `<!doctype html><title>t</title><p id="p"></p><script>p.textContent = navigator.language; throw new Error('thrown')</script>`;

test('a page runs in Chromium, what goes wrong on it is told, and nothing is left running', async (t) => {
  if (!needsChromium(t)) return;
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(PAGE));
  t.after(() => server.close().closeAllConnections());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const chromiums = (): number =>
    childrenOf(process.pid).filter(({ command }) => command.includes('--aevum-test=')).length;

  await t.test('while it runs', async (inner) => {
    const { page, problems } = await openPage(await openBrowser(inner));
    await page.goto(`http://127.0.0.1:${address.port}/`);
    assert.equal(await page.textContent('#p'), 'en-US');
    assert.deepEqual(problems, ['exception: thrown']);
    if (process.platform === 'linux') assert.equal(chromiums(), 1);
  });
  await t.test('the next finds nothing of it in the same browser', async (inner) => {
    assert.equal((await openBrowser(inner)).contexts().length, 0);
    if (process.platform === 'linux') assert.equal(chromiums(), 1);
  });
  await closeBrowser();
  if (process.platform === 'linux') assert.equal(chromiums(), 0);
});
