import type { AddressInfo } from 'node:net';

/** What a server under test tells its parent. */
export interface Announcement {
  readonly port: number;
  /** Value of the header Authorization, if one is needed. */
  readonly authorization: string;
}

/** Tells the parent where the server listens, and ends with it. */
export const announce = (address: AddressInfo | string | null, authorization: string): void => {
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  process.send?.({ port, authorization } satisfies Announcement);
  process.on('disconnect', () => process.exit(0));
};
