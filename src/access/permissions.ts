/** What may be done, and who may do it: permissions, which routes ask for; roles of people and scopes of keys, which grant them. */

/** Every permission, with what it allows. Routes declare the one that they need. */
export const PERMISSIONS = {
  'events:send': 'Send events.',
  'data:read': 'Ask questions whose answers name no single person.',
  'personal:read': 'See rows of single people: events, users, traces, refused events.',
  'sql:run': 'Ask questions in SQL.',
  'insights:write':
    'Save insights, boards, metrics, cohorts and exports; describe events; share insights and boards by links.',
  'project:admin': 'Administer the project: its keys, imports and members.',
  'organisation:admin': 'Administer the organisation: its members and its name.',
  'platform:read': 'See numbers of the whole platform: metrics, storage.',
  'platform:admin':
    'Administer the platform: projects, organisations, the demo, columns that all projects share.',
} as const satisfies Record<string, string>;
export type Permission = keyof typeof PERMISSIONS;
export const PERMISSION_NAMES = Object.keys(PERMISSIONS) as [Permission, ...Permission[]];

/** Roles of people, each of which may do what those after it may. `owner` is of whole organisations only. */
export const ROLES = ['owner', 'admin', 'analyst', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

const VIEWER = ['data:read'] as const satisfies Permission[];
const ANALYST = [...VIEWER, 'personal:read', 'sql:run', 'insights:write'] as const satisfies Permission[];
const ADMIN = [...ANALYST, 'project:admin'] as const satisfies Permission[];
const OWNER = [...ADMIN, 'organisation:admin'] as const satisfies Permission[];

/** What each role may do in any project. Nobody sends events by a role: that is for keys. */
export const ROLE_PERMISSIONS: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  owner: new Set(OWNER),
  admin: new Set(ADMIN),
  analyst: new Set(ANALYST),
  viewer: new Set(VIEWER),
};

/** What the operator may do who is signed in: everything, but for sending events. */
export const OPERATOR_PERMISSIONS: ReadonlySet<Permission> = new Set([
  ...OWNER,
  'platform:read',
  'platform:admin',
]);

/** The strongest of some roles; null: there is none. */
export const strongestRole = (roles: readonly Role[]): Role | null =>
  ROLES.find((role) => roles.includes(role)) ?? null;

/** Scopes of keys. */
export const SCOPES = ['ingest', 'read', 'sql', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** What each scope lets a key do within its project, whichever it is. */
export const SCOPE_PERMISSIONS: Readonly<Record<Scope, readonly Permission[]>> = {
  ingest: ['events:send'],
  read: ['data:read', 'personal:read'],
  sql: ['data:read', 'personal:read', 'sql:run'],
  admin: ['events:send', ...ADMIN],
};
