import { type EndedQuery, type RunningQueriesAnswer, runningPathSchema } from '../contract/running.ts';
import { ApiError } from '../event/errors.ts';
import type { App } from '../http/app.ts';
import { requirePermission } from '../http/auth.ts';
import { pathOf } from '../http/route-path.ts';
import type { Clock } from '../lib/clock.ts';
import { isoOf } from './instant.ts';
import { parseRequest } from '../http/parse-request.ts';
import type { StatementUnderWay } from './ports.ts';
import { paramOf } from '../http/request-parts.ts';
import type { Question, RunningQueries } from './running.ts';

/** What the routes serve. */
export interface RunningRoutesOptions {
  readonly running: RunningQueries;
  /** What the engine does; undefined: it does not say. */
  readonly statements: () => Promise<readonly StatementUnderWay[] | undefined>;
  readonly clock: Clock;
}

/** Registers the routes that show what is asked now, and end it. */
export const registerRunningRoutes = (
  app: App,
  { running, statements, clock }: RunningRoutesOptions,
): void => {
  const operator = requirePermission('platform:admin');
  app.get(pathOf('runningQueries'), operator, async (c) => {
    const engine = await statements();
    const now = isoOf(clock.nowMs());
    return c.json({ now, ...running.list(engine) } satisfies RunningQueriesAnswer);
  });
  app.delete(pathOf('endQuery'), operator, async (c) => {
    const { id } = parseRequest(runningPathSchema, { id: paramOf(c, 'id') });
    const question = found(running, id);
    if (!question.isEnded) {
      const { asked, by } = question;
      await c.var.audit?.log.record({
        ...{ actor: c.var.principal.actor, action: 'query.ended', object: id, project: asked.project },
        detail: { kind: asked.kind, way: by.way, asker: by.asker?.id ?? null },
      });
      // It may be answered by now: then there is nothing to end.
      running.end(found(running, id));
    }
    return c.json({ id, state: 'ending' } satisfies EndedQuery);
  });
};

const found = (running: RunningQueries, id: string): Question => {
  const question = running.find(id);
  if (question !== undefined) return question;
  throw new ApiError(
    'not_found',
    'This question is not under way: it is answered, or was ended. GET /api/system/queries lists those that are.',
  );
};
