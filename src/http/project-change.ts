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

/** A version of something that is saved. */
export interface SavedAs {
  /** How a sentence about it begins. */
  readonly called: string;
  readonly version: number;
  /** Who saved it, and what more is known of that. */
  readonly savedBy: string;
}

/** What is told of a change that was made from another version than there is now. */
export const versionConflict = (
  { called, version, savedBy }: SavedAs,
  from: number,
  details?: Readonly<Record<string, unknown>>,
): ApiError =>
  new ApiError(
    'conflict',
    `${called} is at version ${version}, saved by ${savedBy}; the change was made from version ${from}. Read it again, and make the change from there.`,
    details === undefined ? {} : { details },
  );
