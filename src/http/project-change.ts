import type { Context } from 'hono';
import type { AuditLog, Transaction } from '../access/audit.ts';
import type { AuditActor, AuditEntry } from '../access/audit-entry.ts';
import { isBeingRemoved } from '../access/projects.ts';
import { ApiError } from '../event/errors.ts';
import type { AppEnv } from './app-env.ts';

/** Who saves, and where. */
export interface Saving {
  readonly project: string;
  readonly by: AuditActor;
}

/** Who saves by a request, and where. */
export const savingOf = (c: Context<AppEnv>): Saving => {
  const { project, actor } = c.var.principal;
  return { project, by: actor };
};

/**
 * Makes a change of what is saved in a project and enters it in the audit log, in one transaction. `entry` says what was done; where `work` resolved to undefined there was nothing to change, and nothing is
 * entered. Rejects with ApiError `conflict` while the project is being removed (what is saved in it then would outlive it), and as `AuditLog.change` does.
 */
export const changeInProject = <Result>(
  audit: AuditLog,
  { project, by }: Saving,
  work: (transaction: Transaction) => Promise<Result>,
  entry: (result: NonNullable<Result>) => Pick<AuditEntry, 'action' | 'object' | 'detail'>,
): Promise<Result> =>
  audit.change(
    async (transaction) => {
      if (await isBeingRemoved(transaction, project))
        throw new ApiError('conflict', 'The project is being removed.');
      return work(transaction);
    },
    (result) =>
      result === undefined || result === null ? undefined : { actor: by, project, ...entry(result) },
  );
