import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** A real Chromium, the one that the machine has: nothing is downloaded. AEVUM_CHROMIUM names another. */

/** Where it is looked for. */
export const CHROMIUM_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

const START_TIMEOUT_MS = 120_000;

/** Where Chromium is; undefined if there is none. */
export const chromiumPath = (): string | undefined => {
  const named = process.env['AEVUM_CHROMIUM'];
  return [named === undefined || named === '' ? CHROMIUM_PLACES : [named]]
    .flat()
    .find((path) => existsSync(path));
};

/** Starts it, with further switches. Throws where there is none. */
export const launchChromium = (args: readonly string[] = []): Promise<Browser> => {
  const executablePath = chromiumPath();
  if (executablePath === undefined)
    throw new Error(
      `no Chromium at ${CHROMIUM_PLACES[0]}: install it (apt-get install chromium), or name one with AEVUM_CHROMIUM`,
    );
  return chromium.launch({
    executablePath,
    timeout: START_TIMEOUT_MS,
    args: [
      ...args,
      '--lang=en-US',
      '--disable-dev-shm-usage',
      // Chromium's sandbox refuses to run as root.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  });
};
