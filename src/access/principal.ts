/** Name of the project made at first start. Its admin keys are the operator's. */
export const DEFAULT_PROJECT = 'default';

/** Between the name of a project and the number by which its id differs from those of removed projects of the same name. No name holds it. */
const GENERATION_MARK = '~';

/** The id of a project: its name, when `removed` projects of that name were there before, with a number. Rows, keys and identities of events hold ids, people see names. */
export const projectIdOf = (name: string, removed: number): string =>
  removed === 0 ? name : `${name}${GENERATION_MARK}${removed + 1}`;

/** The name in the id of a project. */
export const projectNameOf = (id: string): string => {
  const mark = id.indexOf(GENERATION_MARK);
  return mark < 0 ? id : id.slice(0, mark);
};

/** What a key may do. A write key has `ingest`, a read key `read`, an admin key all. */
export const SCOPES = ['ingest', 'read', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who asks: the id of the key's project, and its scopes. Every row read or written is confined to `project`. */
export interface Principal {
  readonly project: string;
  readonly keyId: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Administers all projects: an admin key of the project `default`, or a session that sees all. */
  readonly isOperator?: boolean;
}
