/** Signing in as people do it, in a real Chromium: by the printed link, by a key, through a proxy; and what is kept out. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as ask, type Server } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import { needsChromium, openBrowser, openPage } from '../support/browser.ts';
import { chromiumPath } from '../support/chromium.ts';
import { aevum } from '../support/command.ts';
import { assertAccessibleInBoth } from '../support/dashboard.ts';
import { ADMIN_KEY, freePort, Platform, WRITE_KEY } from '../support/platform.ts';
import { until } from '../support/until.ts';

const scratch = mkdtempSync(join(tmpdir(), 'aevum-sign-in-'));
const dataDir = join(scratch, 'data');
let platform: Platform;
let printed = '';
const PASSWORD = 'a long-winded phrase';

before(async () => {
  if (chromiumPath() === undefined) return;
  platform = await Platform.start(dataDir, await freePort());
  printed = await until('the link is printed', () => /http\S+\/login\?token=\S+/.exec(platform.output)?.[0]);
});
after(async () => {
  await platform?.kill('group');
  rmSync(scratch, { recursive: true, force: true });
});

/** A link from `aevum login`. */
const anotherLink = async (...words: string[]): Promise<string> => {
  const { code, stdout, stderr } = await aevum(['login', '--data-dir', dataDir, '--json', ...words]);
  assert.equal(code, 0, stderr);
  return (JSON.parse(stdout) as { url: string }).url;
};

/** What the API says to a page that asks it. */
const statusFor = (page: Page, path: string, method = 'GET'): Promise<number> =>
  page.evaluate(async ([to, how]) => (await fetch(to, { method: how })).status, [path, method] as const);

const isDashboard = (page: Page): Promise<void> =>
  page.waitForSelector('#root', { state: 'attached' }).then(() => undefined);
const isSignInPage = (page: Page): Promise<void> =>
  page.waitForSelector('h1:text-is("Sign in")').then(() => undefined);

/** Another address of the platform: a proxy that does not pass the host on, as nginx does not unless told to. */
const startProxy = async (t: TestContext, targetPort: number): Promise<number> => {
  const server: Server = createServer((request, response) => {
    const headers = { ...request.headers, host: `127.0.0.1:${targetPort}` };
    const { method, url: path } = request;
    const onward = ask({ host: '127.0.0.1', port: targetPort, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  server.on('upgrade', (request, socket, head) => {
    const onward = connect(targetPort, '127.0.0.1', () => {
      const headers = { ...request.headers, host: `127.0.0.1:${targetPort}` };
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
      onward.write(`GET ${request.url} HTTP/1.1\r\n${lines.join('')}\r\n`);
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const)
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
  });
  t.after(() => server.close().closeAllConnections());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return address.port;
};

/** Whether a page is let in to the live streams: the first message, or that there is none. */
const liveFor = (page: Page, url: string): Promise<string> =>
  page.evaluate(
    (to) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(`${to.replace('http', 'ws')}/ws/events`);
        socket.addEventListener('message', ({ data }) => {
          resolve(String(data));
          socket.close();
        });
        socket.addEventListener('close', () => resolve('refused'));
      }),
    url,
  );

describe('signing in', { timeout: 300_000 }, () => {
  test('the printed link signs in once, and the page may ask the API', async (t) => {
    if (!needsChromium(t)) return;
    const browser = await openBrowser(t);
    const { page } = await openPage(browser);
    const answer = await page.goto(printed);
    assert.equal(page.url(), `${platform.url}/`, 'the token stayed in the address');
    assert.match(answer?.headers()['content-security-policy'] ?? '', /script-src 'self';/);
    await isDashboard(page);
    assert.equal(await statusFor(page, '/api/events?limit=1&project=default'), 200);
    assert.equal(await statusFor(page, '/api/events?project=nobodys'), 404);
    assert.equal(await statusFor(page, '/api/keys'), 200);
    assert.match(await liveFor(page, platform.url), /^{"op":"ready","project":"default"/);
    const [cookie, ...others] = await page.context().cookies();
    assert.deepEqual(
      [cookie?.name, cookie?.httpOnly, cookie?.sameSite, others.length],
      ['aevum_session', true, 'Lax', 0],
    );
    assert.equal(await page.evaluate('document.cookie'), '');
    await page.goto(printed);
    await isDashboard(page);

    const { page: other } = await openPage(browser);
    await other.goto(printed);
    await isSignInPage(other);
    assert.match((await other.textContent('[role=alert]')) ?? '', /once/);
    assert.equal(await statusFor(other, '/api/events'), 401);
  });

  test('an admin key signs in, by keyboard alone; a wrong one says so; signing out ends it', async (t) => {
    if (!needsChromium(t)) return;
    const { page, problems } = await openPage(await openBrowser(t));
    await page.goto(`${platform.url}/some/page`);
    await isSignInPage(page);
    assert.deepEqual(problems, []);
    await assertAccessibleInBoth(page, 'the page to sign in');
    const submit = async (key: string): Promise<void> => {
      await page.fill('#key', '');
      await page.focus('#key');
      await page.keyboard.type(key);
      await page.keyboard.press('Enter');
    };
    await submit('aev_a_nonsense');
    await page.waitForSelector('#problem:has-text("mistyped")');
    await submit(WRITE_KEY);
    await page.waitForSelector('#problem:has-text("admin key")');
    await submit(ADMIN_KEY);
    await isDashboard(page);
    assert.equal(page.url(), `${platform.url}/some/page`, 'it forgot where one wanted to go');
    assert.equal(await statusFor(page, '/api/session'), 200);
    assert.equal(await statusFor(page, '/api/session', 'DELETE'), 200);
    assert.equal(await statusFor(page, '/api/session'), 401);
    await page.goto(platform.url);
    await isSignInPage(page);
  });

  test('an invitation makes an account, whose e-mail and password sign in, by keyboard alone', async (t) => {
    if (!needsChromium(t)) return;
    const invite = async (role: string): Promise<string> => {
      const answer = await fetch(`${platform.url}/api/organisations/default/invitations`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify({ email: 'Ada@example.com', role }),
      });
      return ((await answer.json()) as { url: string }).url;
    };
    const browser = await openBrowser(t);
    const { page, problems } = await openPage(browser);
    await page.goto(await invite('analyst'));
    await page.waitForSelector('h1:text-is("Join Default")');
    await assertAccessibleInBoth(page, 'an invitation');
    // The first field has the focus; the e-mail is passed over.
    await page.keyboard.type('Ada');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await isDashboard(page);
    assert.deepEqual(problems, []);
    assert.equal(await statusFor(page, '/api/events?limit=1'), 200);
    assert.equal(await statusFor(page, '/api/keys'), 403);

    // Who is signed in already only says yes.
    await page.goto(await invite('admin'));
    await page.click('button:text-is("Join")');
    await isDashboard(page);
    assert.equal(await statusFor(page, '/api/keys'), 200);

    const { page: other } = await openPage(browser);
    await other.goto(`${platform.url}/some/page`);
    await isSignInPage(other);
    await assertAccessibleInBoth(other, 'the page to sign in with a password');
    const submit = async (password: string): Promise<void> => {
      await other.fill('#email', 'ada@EXAMPLE.com');
      await other.fill('#password', password);
      await other.keyboard.press('Enter');
    };
    await submit('not the password');
    await other.waitForSelector('#password-problem:has-text("do not fit")');
    await submit(PASSWORD);
    await isDashboard(other);
    assert.equal(other.url(), `${platform.url}/some/page`, 'it forgot where one wanted to go');
  });

  test('what is typed never reaches the address: forms wait for the script that sends them', async (t) => {
    if (!needsChromium(t)) return;
    const browser = await openBrowser(t);
    const { page, problems } = await openPage(browser);
    const held = Promise.withResolvers<void>();
    await page.route('**/login/sign-in.js', (route) => held.promise.then(() => route.continue()));
    await page.goto(platform.url, { waitUntil: 'commit' });
    await isSignInPage(page);
    await page.fill('#email', 'ada@example.com');
    await page.fill('#password', PASSWORD);
    await page.keyboard.press('Enter');
    assert.ok(await page.isDisabled('#password-form button'));
    assert.equal(page.url(), `${platform.url}/`);
    assert.deepEqual(problems, [], 'the form was sent by the browser');
    held.resolve();
    await page.waitForSelector('#password-form button:enabled');
    await page.keyboard.press('Enter');
    await isDashboard(page);

    const { page: other } = await openPage(browser);
    const answer = Promise.withResolvers<void>();
    await other.route('**/api/password/link', (route) => answer.promise.then(() => route.continue()));
    await other.goto(`${platform.url}/password#token=${'a'.repeat(43)}`);
    assert.ok(await other.isVisible('#lead:has-text("Looking at the link")'));
    assert.ok(await other.isHidden('#link-form'), 'a form stands there before the link was looked at');
    answer.resolve();
    await other.waitForSelector('h1:text-is("This link does not work")');
    assert.ok(await other.isHidden('#link-form'));
  });

  test('a link sets a new password; links that are used say what to do', async (t) => {
    if (!needsChromium(t)) return;
    const { code, stdout, stderr } = await aevum([
      ...['users', 'reset', 'ada@example.com', '--data-dir', dataDir, '--json'],
    ]);
    assert.equal(code, 0, stderr);
    const { url } = JSON.parse(stdout) as { url: string };
    const { page } = await openPage(await openBrowser(t));
    await page.goto(url);
    await page.waitForSelector('#link-form:not([hidden])');
    await assertAccessibleInBoth(page, 'a new password');
    await page.keyboard.type('password123');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#link-problem:has-text("tried first")');
    await page.fill('#password', 'another phrase of words');
    await page.keyboard.press('Enter');
    await isDashboard(page);
    assert.equal(await statusFor(page, '/api/session'), 200);
    await page.goto('about:blank');
    await page.goto(url);
    await page.waitForSelector('h1:text-is("This link does not work")');
    assert.match((await page.textContent('[role=alert]')) ?? '', /works once/);
  });

  test('a page of another origin gets nothing, though the browser sends the cookie along', async (t) => {
    if (!needsChromium(t)) return;
    const { page } = await openPage(await openBrowser(t));
    await page.goto(await anotherLink());
    await isDashboard(page);
    const foreign = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<p>'));
    t.after(() => foreign.close().closeAllConnections());
    foreign.listen(0, '127.0.0.1');
    await once(foreign, 'listening');
    const address = foreign.address();
    assert.ok(address !== null && typeof address === 'object');
    await page.goto(`http://127.0.0.1:${address.port}/`);
    const statuses: number[] = [];
    page.on('response', (answer) => statuses.push(answer.status()));
    for (const method of ['GET', 'POST'])
      await page.evaluate(
        ([to, how]) =>
          fetch(to, { method: how, mode: 'no-cors', credentials: 'include' }).then(
            () => undefined,
            () => undefined,
          ),
        [`${platform.url}/api/session`, method] as const,
      );
    await until('both were answered', () => statuses.length === 2);
    assert.deepEqual(statuses, [403, 403]);
    assert.equal(await liveFor(page, platform.url), 'refused');
  });

  test('a request without a matching Origin is refused', async (t) => {
    if (!needsChromium(t)) return;
    const opened = await fetch(await anotherLink(), { redirect: 'manual' });
    const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
    const send = async (method: string, path: string, headers: Record<string, string>): Promise<number> => {
      const answer = await fetch(platform.url + path, { method, headers: { cookie, ...headers } });
      await answer.body?.cancel();
      return answer.status;
    };
    const json = { 'content-type': 'application/json' };
    assert.equal(await send('GET', '/api/session', {}), 200);
    for (const headers of [
      {},
      { origin: 'http://localhost:3000' },
      { origin: 'null' },
      { origin: 'http://evil.example', 'x-forwarded-host': 'evil.example' },
      { origin: platform.url, 'sec-fetch-site': 'same-site' },
    ])
      assert.equal(await send('POST', '/api/keys', { ...json, ...headers }), 403, JSON.stringify(headers));
    assert.equal(
      await send('POST', '/api/keys', { origin: platform.url }),
      400,
      'its own page may, were there a body',
    );
    assert.equal(
      await send('POST', '/api/events', { ...json, origin: platform.url }),
      401,
      'sessions send no events',
    );
    const keyed = { authorization: `Bearer ${ADMIN_KEY}`, origin: 'http://evil.example' };
    assert.equal(await send('GET', '/api/keys', keyed), 200, 'a key counts before the cookie');
    assert.equal(await send('GET', '/api/keys?project=other', keyed), 403, 'a key keeps its project');
  });

  test('behind a proxy under another name it works with --public-url, and only then', async (t) => {
    if (!needsChromium(t)) return;
    const port = await freePort();
    const proxyPort = await startProxy(t, port);
    const publicUrl = `http://events.localhost:${proxyPort}`;
    const behind = await Platform.start(join(scratch, 'behind'), port, ['--public-url', publicUrl]);
    t.after(() => behind.kill('group'));
    const link = await until(
      'the link is printed',
      () => /http\S+\/login\?token=\S+/.exec(behind.output)?.[0],
    );
    assert.ok(link.startsWith(publicUrl), link);
    const browser = await openBrowser(t);
    const { page } = await openPage(browser);
    await page.goto(link);
    await isDashboard(page);
    assert.equal(page.url(), `${publicUrl}/`);
    assert.match(await liveFor(page, publicUrl), /^{"op":"ready"/);
    assert.equal(await statusFor(page, '/api/session'), 200);
    assert.equal(await statusFor(page, '/api/session', 'DELETE'), 200);

    // The same proxy before the platform that was not told of it.
    const untoldPort = await startProxy(t, platform.port);
    const { page: untold } = await openPage(browser);
    await untold.goto(await anotherLink('--public-url', `http://events.localhost:${untoldPort}`));
    assert.equal(await statusFor(untold, '/api/session', 'DELETE'), 403);
  });

  test('aevum logout ends all sessions at once; aevum login without a server says what to do', async (t) => {
    if (!needsChromium(t)) return;
    const { page } = await openPage(await openBrowser(t));
    await page.goto(await anotherLink());
    await isDashboard(page);
    const { code, stdout } = await aevum(['logout', '--data-dir', dataDir]);
    assert.equal(code, 0);
    assert.match(stdout, /^Ended (one|\d+) sessions?\.\n$/);
    assert.equal(await statusFor(page, '/api/session'), 401);
    await platform.stop();
    const none = await aevum(['login', '--data-dir', dataDir]);
    assert.deepEqual([none.code, none.stdout], [1, '']);
    assert.match(none.stderr, /no server runs on .*npm start/);
  });
});
