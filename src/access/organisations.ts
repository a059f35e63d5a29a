import type { Selectable } from 'kysely';
import type { Catalog } from '../catalog/catalog.ts';
import type { OrganisationsTable } from '../catalog/tables.ts';
import type { Clock } from '../lib/clock.ts';
import { AccessError } from './access-error.ts';
import type { AuditLog } from './audit.ts';
import type { AuditActor } from './audit-entry.ts';
import { newId } from './random-id.ts';

/** Organisations: who shares projects and members. */

/** Id of the organisation made at first start. */
export const DEFAULT_ORGANISATION = 'default';
export const ORGANISATION_NAME_LENGTH_MAX = 100;
/** Lists of organisations are neither paged nor cut off. */
const ORGANISATIONS_MAX = 1_000;

/** An organisation. */
export interface Organisation {
  readonly id: string;
  readonly name: string;
  readonly createdAtMs: number;
}

const organisationOf = (row: Selectable<OrganisationsTable>): Organisation => ({
  id: row.id,
  name: row.name,
  createdAtMs: row.created_at,
});

/** Makes sure that the organisation `default` exists. */
export const ensureOrganisation = async (db: Catalog['db'], nowMs: number): Promise<void> => {
  await db
    .insertInto('organisations')
    .values({ id: DEFAULT_ORGANISATION, name: 'Default', created_at: nowMs })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
};

/** All organisations, oldest first. */
export const listOrganisations = async (db: Catalog['db']): Promise<Organisation[]> => {
  const rows = await db.selectFrom('organisations').selectAll().orderBy('created_at').orderBy('id').execute();
  return rows.map(organisationOf);
};

/** The organisation of an id. */
export const findOrganisation = async (db: Catalog['db'], id: string): Promise<Organisation | undefined> => {
  const row = await db.selectFrom('organisations').selectAll().where('id', '=', id).executeTakeFirst();
  return row && organisationOf(row);
};

/** What organisations need. */
export interface OrganisationsOptions {
  readonly catalog: Catalog;
  readonly audit: AuditLog;
  readonly clock: Clock;
}

/** Makes and renames organisations. */
export class Organisations {
  readonly #options: OrganisationsOptions;

  constructor(options: OrganisationsOptions) {
    this.#options = options;
  }

  /** Makes one, without members and projects. Rejects with AccessError if there are too many. */
  async create(name: string, by: AuditActor): Promise<Organisation> {
    const { audit, clock } = this.#options;
    const row = { id: newId('org'), name, created_at: clock.nowMs() };
    await audit.change(
      async (transaction) => {
        if ((await listOrganisations(transaction)).length >= ORGANISATIONS_MAX)
          throw new AccessError(
            'conflict',
            `There are ${ORGANISATIONS_MAX.toLocaleString('en')} organisations, which is the most.`,
          );
        await transaction.insertInto('organisations').values(row).execute();
      },
      () => ({
        ...{ actor: by, action: 'organisation.created', object: row.id },
        ...{ organisation: row.id, detail: { name } },
      }),
    );
    return organisationOf(row);
  }

  /** Renames one that there is. */
  async rename({ id, name: before }: Organisation, name: string, by: AuditActor): Promise<void> {
    await this.#options.audit.change(
      (transaction) => transaction.updateTable('organisations').set({ name }).where('id', '=', id).execute(),
      () => ({
        ...{ actor: by, action: 'organisation.changed', object: id },
        ...{ organisation: id, detail: { name, before } },
      }),
    );
  }
}
