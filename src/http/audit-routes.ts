import type { Auditing } from '../access/audit-reads.ts';
import type { AuditRow } from '../access/audit-entry.ts';
import { type AuditAnswer, auditQuerySchema } from '../contract/audit.ts';
import { ROUTES } from '../contract/routes.ts';
import type { App } from './app.ts';
import { checkPermission, readOf, requirePermission } from './auth.ts';
import { parseRequest } from './parse-request.ts';
import { wholeQueryOf } from './request-parts.ts';

/** Registers the route that shows the audit log. */
export const registerAuditRoutes = (app: App, { log, reads }: Auditing): void => {
  app.get(ROUTES.readAudit.path, requirePermission('project:admin'), async (c) => {
    const { principal } = c.var;
    const query = parseRequest(auditQuerySchema, wholeQueryOf(c));
    const isOfAll = query.all === 'true';
    if (isOfAll) checkPermission(principal, 'platform:admin');
    await reads.note(readOf(principal, 'audit.read', isOfAll ? 'all' : principal.project));
    const { action, actor, outcome, since, until, limit, cursor } = query;
    const { rows, next, oldest } = await log.find({
      ...{ action, actor, outcome, limit, project: isOfAll ? undefined : principal.project },
      ...{
        sinceMs: msOf(since),
        untilMs: msOf(until),
        before: cursor === undefined ? undefined : Number(cursor),
      },
    });
    const { sequence, hash } = await log.head();
    const page = { entries: rows.map(entryAnswer), next_cursor: next === null ? null : String(next) };
    return c.json({ ...page, head: `${sequence}:${hash}`, oldest } satisfies AuditAnswer);
  });
};

const msOf = (instant: string | undefined): number | undefined =>
  instant === undefined ? undefined : Date.parse(instant);

type EntryAnswer = AuditAnswer['entries'][number];

/** Rows hold what `AuditEntry` allowed when they were written. */
const entryAnswer = (row: AuditRow): EntryAnswer => ({
  sequence: row.sequence,
  at: new Date(row.at).toISOString(),
  actor: { kind: row.actor_kind as EntryAnswer['actor']['kind'], id: row.actor_id, name: row.actor_name },
  organisation: row.organisation,
  project: row.project,
  action: row.action as EntryAnswer['action'],
  object: row.object,
  outcome: row.outcome as EntryAnswer['outcome'],
  detail: JSON.parse(row.detail) as EntryAnswer['detail'],
  previous: row.previous,
  hash: row.hash,
});
