import type { CatalogToRead } from '../catalog/catalog.ts';
import type { AuditAction, AuditOutcome, AuditRow } from './audit-entry.ts';

/** Which entries are asked for. What is left out does not matter. */
export interface AuditQuestion {
  /** Id of a project: only its entries. Undefined: those of all projects and of none. */
  readonly project?: string | undefined;
  readonly action?: AuditAction | undefined;
  /** Id of the actor. */
  readonly actor?: string | undefined;
  readonly outcome?: AuditOutcome | undefined;
  /** From this instant on. */
  readonly sinceMs?: number | undefined;
  /** Before this instant. */
  readonly untilMs?: number | undefined;
  /** Only entries before the one of this number. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Entries that answer a question, newest first. */
export interface AuditPage {
  readonly rows: readonly AuditRow[];
  /** `before` of the next page; null: there is none. */
  readonly next: number | null;
  /** Number of the oldest entry in the catalogue: those before are in archives. Null: there are none. */
  readonly oldest: number | null;
}

/** Looks for entries in the catalogue. */
export const findAudit = async (db: CatalogToRead['db'], question: AuditQuestion): Promise<AuditPage> => {
  const { project, action, actor, outcome, sinceMs, untilMs, before, limit } = question;
  let query = db.selectFrom('audit').selectAll();
  if (project !== undefined) query = query.where('project', '=', project);
  if (action !== undefined) query = query.where('action', '=', action);
  if (actor !== undefined) query = query.where('actor_id', '=', actor);
  if (outcome !== undefined) query = query.where('outcome', '=', outcome);
  if (sinceMs !== undefined) query = query.where('at', '>=', sinceMs);
  if (untilMs !== undefined) query = query.where('at', '<', untilMs);
  if (before !== undefined) query = query.where('sequence', '<', before);
  const found = await query
    .orderBy('sequence', 'desc')
    .limit(limit + 1)
    .execute();
  const rows = found.slice(0, limit);
  const oldest = await db
    .selectFrom('audit')
    .select('sequence')
    .orderBy('sequence')
    .limit(1)
    .executeTakeFirst();
  const next = found.length > limit ? (rows.at(-1)?.sequence ?? null) : null;
  return { rows, next, oldest: oldest?.sequence ?? null };
};
