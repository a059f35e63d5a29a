import assert from 'node:assert/strict';
import type { Scope } from '../../src/access/permissions.ts';
import type { CreatedKey, KeysAnswer } from '../../src/contract/keys.ts';
import type {
  CreatedInvitationAnswer,
  InvitationsAnswer,
  MembersAnswer,
} from '../../src/contract/members.ts';
import { ADMIN_KEY, type Platform } from './platform.ts';
import { ANNOTATION, BOARD, COHORT, EXPORT, INSIGHT, METRIC, type Subject } from './route-samples.ts';
import { until } from './until.ts';

/** Organisations with one of everything, and everybody who may ask for it. */

const PASSWORD = 'a long-winded phrase';
const ROLES = ['owner', 'admin', 'analyst', 'viewer'] as const;
const SCOPES = ['ingest', 'read', 'sql', 'admin'] as const satisfies Scope[];

/** Somebody who asks: by the headers of a key or of a session. */
export interface Asker {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The key, if it is one. */
  readonly key?: string;
}

/** What an answer was. */
export interface Answered {
  readonly status: number;
  readonly code: string | undefined;
  readonly text: string;
  readonly cookie: string | undefined;
}

/** An organisation with a project. */
export interface Tenant {
  readonly organisation: string;
  readonly project: string;
  readonly askers: readonly Asker[];
  /** One thing of each kind, by its id. */
  readonly things: Readonly<Record<Subject, string>>;
  asker(name: string): Asker;
}

const REQUEST_TIMEOUT_MS = 120_000;

/** Asks the platform; of an answer without end only the head is looked at. */
export const ask = async (
  url: string,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: unknown,
): Promise<Answered> => {
  const hanging = new AbortController();
  const answer = await fetch(url + path, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    signal: AbortSignal.any([hanging.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream') === true;
  const text = isStream ? '' : await answer.text();
  if (isStream) hanging.abort();
  const cookie = answer.headers.get('set-cookie')?.split(';')[0];
  return { status: answer.status, code: codeOf(text), text, cookie };
};

const codeOf = (text: string): string | undefined => {
  try {
    return (JSON.parse(text) as { error?: { code?: string } }).error?.code;
  } catch {
    return undefined;
  }
};

const byKey = (name: string, key: string): Asker => ({
  ...{ name, key, headers: { authorization: `Bearer ${key}` } },
});

/** The operator, by the admin key of the first project. */
export const OPERATOR = byKey('the operator', ADMIN_KEY);

const sent = async <T>(
  platform: Platform,
  asker: Asker,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> => {
  const { status, text } = await ask(platform.url, method, path, asker.headers, body);
  assert.ok(status < 300, `${asker.name}: ${method} ${path}: ${status} ${text}`);
  return JSON.parse(text) as T;
};

/** Somebody invited who has joined, and is signed in. */
export const joined = async (
  platform: Platform,
  organisation: string,
  wanted: { readonly email: string; readonly role: string; readonly project?: string },
): Promise<Asker> => {
  const path = `/api/organisations/${organisation}/invitations`;
  const { url } = await sent<CreatedInvitationAnswer>(platform, OPERATOR, 'POST', path, wanted);
  const token = url.split('token=')[1];
  const origin = { origin: platform.url };
  const accepted = await ask(platform.url, 'POST', '/api/invitation/accept', origin, {
    ...{ token, name: wanted.email, password: PASSWORD },
  });
  assert.equal(accepted.status, 201, accepted.text);
  return { name: `${wanted.role} ${wanted.email}`, headers: { ...origin, cookie: accepted.cookie ?? '' } };
};

/** Somebody who may look at the project of another organisation than the first, and has nothing to do with that. */
export const outsider = async (platform: Platform, name: string): Promise<Asker> => {
  const { organisation } = await sent<{ organisation: { id: string } }>(
    ...([platform, OPERATOR, 'POST', '/api/organisations', { name: `${name} Ltd` }] as const),
  );
  const project = { name: `${name}-shop`, organisation: organisation.id };
  await sent(platform, OPERATOR, 'POST', '/api/projects', project);
  return joined(platform, organisation.id, { email: `viewer@${name}.example`, role: 'viewer' });
};

/** Makes an organisation and a project, with one of everything whose names begin with a name. */
export const makeTenant = async (platform: Platform, name: string): Promise<Tenant> => {
  const { organisation } = await sent<{ organisation: { id: string } }>(
    ...([platform, OPERATOR, 'POST', '/api/organisations', { name: `${name} Ltd` }] as const),
  );
  const { id } = organisation;
  const project = await sent<{ write_key: string }>(platform, OPERATOR, 'POST', '/api/projects', {
    ...{ name: `${name}-shop`, organisation: id },
  });
  const owner = await joined(platform, id, { email: `owner@${name}.example`, role: 'owner' });
  const keys: Asker[] = [];
  for (const scope of SCOPES) {
    const made = await sent<CreatedKey>(platform, owner, 'POST', '/api/keys', {
      ...{ name: `${name} ${scope}`, scopes: [scope] },
    });
    keys.push(byKey(`key ${scope}`, made.key));
  }
  const people = [{ ...owner, name: 'owner' }];
  for (const role of ROLES.slice(1))
    people.push({ ...(await joined(platform, id, { email: `${role}@${name}.example`, role })), name: role });
  const invited = { email: `invited@${name}.example`, role: 'viewer' };
  await sent(platform, owner, 'POST', `/api/organisations/${id}/invitations`, invited);
  const event = `${name}-event`;
  const write = byKey('key write', project.write_key);
  await sent(platform, write, 'POST', '/api/events', {
    ...{
      id: event,
      type: `${name}_type`,
      user_id: `${name}-user`,
      session_id: `${name}-visit`,
      properties: { [`${name}_property`]: 1 },
    },
  });
  const admin = keys.find(({ name: each }) => each === 'key admin') ?? write;
  await sent(platform, admin, 'POST', `/api/events/batch?backfill=${name}-import`, [
    { id: `${name}-import:1`, type: `${name}_type`, timestamp: '2025-01-01T00:00:00Z' },
  ]);
  const signedIn = await ask(
    ...([platform.url, 'POST', '/api/session', { origin: platform.url }, { key: admin.key }] as const),
  );
  const byAdminKey = {
    ...{ name: 'session of the admin key', headers: { origin: platform.url, cookie: signedIn.cookie ?? '' } },
  };
  const askers = [...keys, ...people, byAdminKey];
  const things = await thingsOf(platform, { id, name, owner, admin });
  return {
    ...{ organisation: id, project: things.project, askers, things },
    asker: (wanted) => {
      const found = askers.find((each) => each.name === wanted);
      assert.ok(found, wanted);
      return found;
    },
  };
};

/** A question that is answered later. */
const askedLater = async (platform: Platform, asker: Asker): Promise<string> => {
  const question = { kind: 'trend', interval: 'total' };
  return (await sent<{ id: string }>(platform, asker, 'POST', '/api/query?async=true', question)).id;
};

const savedCohort = async (platform: Platform, asker: Asker, name: string): Promise<string> => {
  const cohort = { ...COHORT, name: `${name} buyers` };
  return (await sent<{ id: string }>(platform, asker, 'POST', '/api/cohorts', cohort)).id;
};

/** A type that is described, and so is a property of it. */
const described = async (platform: Platform, asker: Asker, name: string): Promise<string> => {
  const path = `/api/catalog/types/${name}_type`;
  const wording = { description: `Of ${name}`, version: 0 };
  await sent(platform, asker, 'PUT', path, { ...wording, owner: `Team ${name}` });
  await sent(platform, asker, 'PUT', `${path}/properties/${name}_property`, wording);
  return `${name}_type`;
};

const savedMetric = async (platform: Platform, asker: Asker, name: string): Promise<string> => {
  const metric = { ...METRIC, name: `${name}_orders` };
  return (await sent<{ id: string }>(platform, asker, 'POST', '/api/metric-definitions', metric)).id;
};

/** A board and an insight with a link to each, and an annotation. */
const savedBoards = async (platform: Platform, asker: Asker, name: string) => {
  const post = async (path: string, body: object): Promise<string> =>
    (await sent<{ id: string }>(platform, asker, 'POST', path, body)).id;
  const insight = await post('/api/insights', { ...INSIGHT, name: `${name} events` });
  const board = await post('/api/boards', { ...BOARD, name: `${name} board` });
  return {
    ...{ insight, board },
    insightShare: await post(`/api/insights/${insight}/shares`, { name: `${name} link` }),
    boardShare: await post(`/api/boards/${board}/shares`, { name: `${name} link` }),
    annotation: await post('/api/annotations', { ...ANNOTATION, text: `${name} release` }),
  };
};

/** An export that has written a file. */
const savedExport = async (platform: Platform, asker: Asker, name: string) => {
  const wanted = { ...EXPORT, name: `${name} files`, file: `${name}-file` };
  const { id } = await sent<{ id: string }>(platform, asker, 'POST', '/api/exports', wanted);
  await sent(platform, asker, 'POST', `/api/exports/${id}/run`);
  await until('the file is written', async () => {
    const { files } = await sent<{ files: unknown[] }>(platform, asker, 'GET', `/api/exports/${id}/files`);
    return files.length > 0;
  });
  return { export: id, exportFile: `${name}-file.csv` };
};

const thingsOf = async (
  platform: Platform,
  { id, name, owner, admin }: { id: string; name: string; owner: Asker; admin: Asker },
): Promise<Tenant['things']> => {
  const get = <T>(asker: Asker, path: string): Promise<T> => sent<T>(platform, asker, 'GET', path);
  const { keys } = await get<KeysAnswer>(admin, '/api/keys');
  const { members } = await get<MembersAnswer>(owner, `/api/organisations/${id}/members`);
  const { invitations } = await get<InvitationsAnswer>(owner, `/api/organisations/${id}/invitations`);
  const { sessions } = await get<{ sessions: { id: string }[] }>(owner, '/api/me/sessions');
  const filter = { field: `properties.${name}_property`, op: 'eq', value: 1 };
  await until('the event is stored', async () => {
    const { events } = await get<{ events: unknown[] }>(admin, '/api/events');
    return events.length > 0;
  });
  await sent(platform, admin, 'POST', '/api/query', { kind: 'trend', interval: 'total', filter });
  return {
    ...{
      event: `${name}-event`,
      user: `${name}-user`,
      visit: `${name}-visit`,
      import: `${name}-import`,
      type: await described(platform, admin, name),
      property: `${name}_property`,
    },
    ...{
      project: `${name}-shop`,
      organisation: id,
      key: keys.at(-1)?.id ?? '',
      session: sessions[0]?.id ?? '',
    },
    member: members.find(({ role }) => role === 'viewer')?.id ?? '',
    invitation: invitations[0]?.id ?? '',
    query: await askedLater(platform, admin),
    cohort: await savedCohort(platform, admin, name),
    ...(await savedBoards(platform, admin, name)),
    metric: await savedMetric(platform, admin, name),
    ...(await savedExport(platform, admin, name)),
  };
};
