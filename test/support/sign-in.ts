import type { BrowserContext } from 'playwright-core';
import { ADMIN_KEY } from './platform.ts';

/** Signs a browser in by the admin key, as the sign-in page does. Throws where that is refused. */
export const signIn = async ({ request }: BrowserContext, url: string): Promise<void> => {
  const answer = await request.post(`${url}/api/session`, {
    data: { key: ADMIN_KEY },
    headers: { origin: url },
  });
  if (answer.status() !== 201)
    throw new Error(`signing in answered ${answer.status()}: ${await answer.text()}`);
};
