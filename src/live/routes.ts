import type { Context } from 'hono';
import { liveFilterSchema, streamQuerySchema } from '../contract/live.ts';
import { ROUTES } from '../contract/routes.ts';
import { ApiError } from '../event/errors.ts';
import type { App } from '../http/app.ts';
import type { AppEnv } from '../http/app-env.ts';
import { parseRequest } from '../http/parse-request.ts';
import { invalidAt } from '../http/request-problem.ts';
import type { StreamRequest } from './event-stream.ts';
import type { GateRequest } from './gate.ts';
import type { Live } from './live.ts';
import { TICKET_SECONDS } from './tickets.ts';

const PROPERTY = 'property.';
/** Tells Hono's adapter that the answer is being written already. */
const SENT_BY_HAND = { headers: { 'x-hono-already-sent': 'true' } };

/** Registers the event stream and the tickets. */
export const registerLiveRoutes = (app: App, live: Pick<Live, 'ticket' | 'stream'>): void => {
  app.post(ROUTES.liveTicket.path, async (c) =>
    c.json({ ticket: await live.ticket(gateRequestOf(c)), expires_in: TICKET_SECONDS }),
  );
  app.get(ROUTES.streamEvents.path, async (c) => {
    if (c.req.raw.method === 'HEAD')
      throw new ApiError('method_not_allowed', 'An event stream is asked for by GET.', {
        headers: { allow: 'GET' },
      });
    await live.stream(gateRequestOf(c), streamRequestOf(c), c.env.outgoing);
    return new Response(null, SENT_BY_HAND);
  });
};

const gateRequestOf = (c: Context<AppEnv>): GateRequest => ({
  method: c.req.method,
  headers: c.env.incoming.headers,
  project: c.req.query('project'),
  ticket: c.req.query('ticket'),
});

/** Throws ApiError. */
const streamRequestOf = (c: Context<AppEnv>): StreamRequest => {
  const given = Object.entries(c.req.queries()).filter(([name]) => name !== 'project' && name !== 'ticket');
  const properties = given.filter(([name]) => name.startsWith(PROPERTY));
  const others = given.filter(([name]) => !name.startsWith(PROPERTY));
  const single = others.find(([name, values]) => !REPEATABLE.has(name) && values.length > 1);
  if (single !== undefined) throw invalidAt(single[0], 'is given more than once. Give it once.');
  const lastId = c.req.header('last-event-id') ?? '';
  const query = {
    ...Object.fromEntries(others.map(([name, values]) => [name, REPEATABLE.has(name) ? values : values[0]])),
    ...(lastId === '' ? {} : { after: lastId }),
  };
  const { after, recent, type, source, user_id } = parseRequest(streamQuerySchema, query);
  const filter = {
    ...{ type, source, user_id },
    properties: Object.fromEntries(properties.map(([name, values]) => [name.slice(PROPERTY.length), values])),
  };
  return {
    filter: parseRequest(liveFilterSchema, filter),
    ...{ after, recent },
  };
};

const REPEATABLE: ReadonlySet<string> = new Set(['type', 'source', 'user_id']);
