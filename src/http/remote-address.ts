import type { Context } from 'hono';
import type { AppEnv } from './app-env.ts';

/** The address that a request comes from: of the proxy, behind one. Headers that a proxy adds anybody can send. Undefined if it came by no socket. */
export const remoteAddressOf = (c: Context<AppEnv>): string | undefined =>
  (c.env as Partial<AppEnv['Bindings']> | undefined)?.incoming?.socket.remoteAddress;
