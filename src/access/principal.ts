/** What a key may do. A write key has `ingest`, a read key `read`, an admin key all. */
export const SCOPES = ['ingest', 'read', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who asks: the key's project and scopes. Every row read or written is confined to `project`. */
export interface Principal {
  readonly project: string;
  readonly keyId: string;
  readonly scopes: ReadonlySet<Scope>;
}
