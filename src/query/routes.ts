import type { Context } from 'hono';
import { isOperator } from '../access/principal.ts';
import {
  catalogPropertiesQuerySchema,
  catalogTypesQuerySchema,
  catalogValuesQuerySchema,
} from '../contract/event-catalog.ts';
import { eventsQuerySchema, quarantineQuerySchema } from '../contract/events.ts';
import { ledgerQuerySchema } from '../contract/ledger.ts';
import { positionQuerySchema } from '../contract/positions.ts';
import { propertyPathSchema } from '../contract/properties.ts';
import { askQuerySchema, formatQuerySchema } from '../contract/formats.ts';
import { jobPathSchema } from '../contract/query-jobs.ts';
import { queryRequestSchema } from '../contract/query.ts';
import {
  oneSessionPathSchema,
  oneSessionQuerySchema,
  sessionListQuerySchema,
} from '../contract/session-list.ts';
import { timelineQuerySchema, userPathSchema, usersQuerySchema } from '../contract/users.ts';
import type { App } from '../http/app.ts';
import type { AppEnv } from '../http/app-env.ts';
import { requireAlso, requirePermission } from '../http/auth.ts';
import { pathOf } from '../http/route-path.ts';
import { answerAs } from './answer-as.ts';
import type { QueryJobs } from './jobs.ts';
import { parseRequest } from '../http/parse-request.ts';
import { isPersonalField, namesPeople } from './personal-kinds.ts';
import { invalidAt } from '../http/request-problem.ts';
import type { PropertyPromotions } from './properties.ts';
import { askOf, bodyOf, paramOf, projectOf, queryOf } from '../http/request-parts.ts';
import type { QueryService } from './service.ts';

/** What the routes serve. */
export interface QueryRoutesOptions {
  readonly service: QueryService;
  readonly jobs: QueryJobs;
  readonly promotions: PropertyPromotions;
}

/** Registers every route that reads: queries, events, traces, the ledger, quarantine; and the promotion of properties. */
export const registerQueryRoutes = (app: App, { service, jobs, promotions }: QueryRoutesOptions): void => {
  const read = requirePermission('data:read');
  const people = requirePermission('personal:read');
  registerAskRoutes(app, { service, jobs });
  app.get(pathOf('listEvents'), people, async (c) => {
    const query = parseRequest(eventsQuerySchema, queryOf(c));
    return c.json(await service.events(projectOf(c), query, askOf(c)));
  });
  registerUserRoutes(app, service);
  registerSessionRoutes(app, service);
  registerCatalogRoutes(app, service);
  app.get(pathOf('traceEvent'), people, async (c) =>
    c.json(await service.trace(projectOf(c), paramOf(c, 'id'), askOf(c))),
  );
  app.get(pathOf('ledger'), read, async (c) => {
    const query = parseRequest(ledgerQuerySchema, queryOf(c));
    return c.json(await service.ledger(projectOf(c), query, askOf(c)));
  });
  app.get(pathOf('positionAt'), read, async (c) => {
    const query = parseRequest(positionQuerySchema, queryOf(c));
    return c.json(await service.position(projectOf(c), query, askOf(c)));
  });
  app.get(pathOf('quarantine'), people, async (c) => {
    const query = parseRequest(quarantineQuerySchema, queryOf(c));
    return c.json(await service.quarantine(projectOf(c), query, askOf(c)));
  });
  registerPropertyRoutes(app, promotions);
};

const registerAskRoutes = (
  app: App,
  { service, jobs }: Pick<QueryRoutesOptions, 'service' | 'jobs'>,
): void => {
  const read = requirePermission('data:read');
  const idOf = (c: Context): string => parseRequest(jobPathSchema, { id: paramOf(c, 'id') }).id;
  app.post(pathOf('query'), read, async (c) => {
    const { format, async: isLater } = parseRequest(askQuerySchema, queryOf(c));
    const request = parseRequest(queryRequestSchema, await bodyOf(c));
    if (namesPeople(request)) await requireAlso(c, 'personal:read');
    if (isLater === 'true' && format !== undefined)
      throw invalidAt('format', 'is chosen when the answer is fetched, with GET /api/query/{id}/answer.');
    if (isLater === 'true')
      return c.json(await jobs.start(projectOf(c), request, c.var.principal.actor), 202);
    return answerAs(c, format, request, () => service.query(projectOf(c), request, askOf(c)));
  });
  app.get(pathOf('queryState'), read, (c) => c.json(jobs.look(projectOf(c), idOf(c))));
  app.delete(pathOf('cancelQuery'), read, async (c) => {
    const [project, id] = [projectOf(c), idOf(c)];
    const request = jobs.requestOf(project, id);
    if (namesPeople(request)) await requireAlso(c, 'personal:read');
    const asker = jobs.askerOf(project, id)?.id ?? null;
    const { actor } = c.var.principal;
    // Who gives up what they asked for themselves changes nothing of anybody else's.
    if (asker !== actor.id)
      await c.var.audit?.log.record({
        ...{ actor, action: 'query.ended', object: id, project },
        detail: { kind: request.kind, way: 'job', asker },
      });
    return c.json(await jobs.cancel(project, id));
  });
  app.get(pathOf('queryAnswer'), read, async (c) => {
    const { format } = parseRequest(formatQuerySchema, queryOf(c));
    const id = idOf(c);
    const request = jobs.requestOf(projectOf(c), id);
    if (namesPeople(request)) await requireAlso(c, 'personal:read');
    return answerAs(c, format, request, async () => (await jobs.answer(projectOf(c), id)).answer);
  });
};

const registerUserRoutes = (app: App, service: QueryService): void => {
  const people = requirePermission('personal:read');
  const userOf = (c: Context): string => parseRequest(userPathSchema, { id: paramOf(c, 'id') }).id;
  app.get(pathOf('listUsers'), people, async (c) => {
    const query = parseRequest(usersQuerySchema, queryOf(c));
    return c.json(await service.users(projectOf(c), query, askOf(c)));
  });
  app.get(pathOf('readUser'), people, async (c) =>
    c.json(await service.user(projectOf(c), userOf(c), askOf(c))),
  );
  app.get(pathOf('readUserProfile'), people, async (c) =>
    c.json(await service.userProfile(projectOf(c), userOf(c), askOf(c))),
  );
  app.get(pathOf('userTimeline'), people, async (c) => {
    const query = { ...parseRequest(timelineQuerySchema, queryOf(c)), user_id: userOf(c) };
    return c.json(await service.events(projectOf(c), query, askOf(c)));
  });
};

const registerSessionRoutes = (app: App, service: QueryService): void => {
  const people = requirePermission('personal:read');
  app.get(pathOf('listSessions'), people, async (c) => {
    const query = parseRequest(sessionListQuerySchema, queryOf(c));
    return c.json(await service.sessions(projectOf(c), query, askOf(c)));
  });
  app.get(pathOf('readSession'), people, async (c) => {
    const { id } = parseRequest(oneSessionPathSchema, { id: paramOf(c, 'id') });
    const query = parseRequest(oneSessionQuerySchema, queryOf(c));
    return c.json(await service.session(projectOf(c), id, query, askOf(c)));
  });
};

const registerCatalogRoutes = (app: App, service: QueryService): void => {
  const read = requirePermission('data:read');
  app.get(pathOf('catalogTypes'), read, async (c) => {
    const query = parseRequest(catalogTypesQuerySchema, queryOf(c));
    return c.json(await service.catalogTypes(projectOf(c), query, askOf(c)));
  });
  app.get(pathOf('catalogProperties'), read, async (c) => {
    const query = parseRequest(catalogPropertiesQuerySchema, queryOf(c));
    return c.json(await service.catalogProperties(projectOf(c), query, askOf(c)));
  });
  app.get(pathOf('catalogValues'), read, async (c) => {
    const query = parseRequest(catalogValuesQuerySchema, queryOf(c));
    if (isPersonalField(query.field)) await requireAlso(c, 'personal:read');
    return c.json(await service.catalogValues(projectOf(c), query, askOf(c)));
  });
};

const registerPropertyRoutes = (app: App, promotions: PropertyPromotions): void => {
  // A column costs all projects, so those decide who administer all.
  const operator = requirePermission('platform:admin');
  const keyOf = (c: Context): string => parseRequest(propertyPathSchema, { key: paramOf(c, 'key') }).key;
  app.get(pathOf('listProperties'), requirePermission('data:read'), async (c) =>
    c.json(
      await promotions.list(projectOf(c), {
        withColumns: isOperator(c.var.principal),
        withNumbers: c.var.principal.permissions.has('platform:read'),
      }),
    ),
  );
  app.put(pathOf('promoteProperty'), operator, async (c) => {
    const key = keyOf(c);
    await enter(c, 'property.promoted', key);
    return c.json({ property: await promotions.promote(key) }, 202);
  });
  app.delete(pathOf('demoteProperty'), operator, async (c) => {
    const key = keyOf(c);
    await enter(c, 'property.demoted', key);
    return c.json({ property: await promotions.demote(key) });
  });
};

/** Before it is done: the warehouse knows no transaction with the audit log. */
const enter = async (
  c: Context<AppEnv>,
  action: 'property.promoted' | 'property.demoted',
  key: string,
): Promise<void> => c.var.audit?.log.record({ actor: c.var.principal.actor, action, object: key });
