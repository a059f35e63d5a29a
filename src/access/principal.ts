/** Name of the project made at first start. Its admin keys are the operator's. */
export const DEFAULT_PROJECT = 'default';

/** What a key may do. A write key has `ingest`, a read key `read`, an admin key all. */
export const SCOPES = ['ingest', 'read', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who asks: the key's project and scopes. Every row read or written is confined to `project`. */
export interface Principal {
  readonly project: string;
  readonly keyId: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Administers all projects: an admin key of the project `default`, or a session that sees all. */
  readonly isOperator?: boolean;
}
