import { userInfo } from 'node:os';
import type { AuditActor } from '../access/audit-entry.ts';

/** Who acts by a command, for the audit log: the command, and the user of the machine who runs it. */
export const cliActor = (command: string): AuditActor => ({ kind: 'cli', id: command, name: userName() });

const userName = (): string => {
  try {
    return userInfo().username;
  } catch {
    // The user has no name, as in some containers.
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
};
