import type { Context } from 'hono';
import type { AuditActor } from '../access/audit-entry.ts';
import type { AppEnv } from './app-env.ts';
import { remoteAddressOf } from './remote-address.ts';

const NOBODY: AuditActor = { kind: 'user', id: 'unknown', name: 'nobody who is known' };

/** Enters that somebody was not signed in. Counted by the minute: else whoever tries often enough would drive old entries out of the log. */
export const noteRefused = async (c: Context<AppEnv>, object: 'password' | 'key' | 'link'): Promise<void> =>
  c.var.audit?.reads.note({
    ...{ actor: NOBODY, action: 'session.refused', object, outcome: 'refused' },
    from: remoteAddressOf(c),
  });
