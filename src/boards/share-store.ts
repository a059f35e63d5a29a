import { timingSafeEqual } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { AuditLog, Transaction } from '../access/audit.ts';
import { hashKey, isShareToken, makeShareToken } from '../access/key-format.ts';
import { isBeingRemoved } from '../access/projects.ts';
import { newId } from '../access/random-id.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { SharesTable } from '../catalog/tables.ts';
import type { VariableValues } from '../contract/boards.ts';
import { SHARE_LIMITS } from '../contract/shares.ts';
import { ApiError } from '../event/errors.ts';
import type { Saving } from '../http/project-change.ts';
import type { Clock } from '../lib/clock.ts';
import type { Telemetry } from '../lib/telemetry.ts';
import { usesNotKept } from './telemetry.ts';

/** A link that shows one board or insight to whoever has its token. */
export interface Share {
  readonly id: string;
  readonly project: string;
  /** Id of the board or insight. */
  readonly object: string;
  readonly name: string;
  readonly variables: VariableValues;
  /** What answers are as of; null: of when they are asked for. */
  readonly pinned: { readonly position: string; readonly atMs: number } | null;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly expiresAtMs: number | null;
  readonly lastUsedAtMs: number | null;
  readonly uses: number;
}

/** A link to be made. */
export type ShareDraft = Pick<Share, 'object' | 'name' | 'variables' | 'pinned' | 'expiresAtMs'>;

/** A link just made, with its token: it is told here and never again. */
export interface MadeShare {
  readonly share: Share;
  readonly token: string;
}

/** Uses are written down so often: a kill loses those of so long. */
export const USES_KEPT_EVERY_MS = 30_000;

/** What the store needs. */
export interface ShareStoreOptions {
  readonly catalog: Catalog;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

interface Uses {
  count: number;
  lastMs: number;
}

/** The share links of all projects, in the catalogue. Of a token only its hash is kept. */
export class ShareStore {
  readonly #options: ShareStoreOptions;
  /** Not written down yet. As many at most as there are links. */
  readonly #uses = new Map<string, Uses>();
  readonly #timer: NodeJS.Timeout;
  #keeping: Promise<void> = Promise.resolve();

  constructor(options: ShareStoreOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.keepUses(), USES_KEPT_EVERY_MS);
    this.#timer.unref();
  }

  /** Links to something, or all of a project, newest first. */
  async list(project: string, object?: string): Promise<Share[]> {
    await this.keepUses();
    const ofProject = this.#rows().where('project', '=', project);
    const wanted = object === undefined ? ofProject : ofProject.where('object', '=', object);
    const rows = await wanted.orderBy('created_at', 'desc').orderBy('id').execute();
    return rows.map(shareOf);
  }

  /** Makes a link to something; undefined if it is not there any more. Throws ApiError `conflict` where there are too many. */
  async create(draft: ShareDraft, { project, by }: Saving): Promise<MadeShare | undefined> {
    const { audit, clock } = this.#options;
    const token = makeShareToken();
    const { object, name, variables, pinned, expiresAtMs } = draft;
    const row = {
      ...{
        id: newId('shr'),
        hash: hashKey(token),
        project,
        object,
        name,
        variables: JSON.stringify(variables),
      },
      ...{ pinned_position: pinned?.position ?? null, pinned_at: pinned?.atMs ?? null },
      ...{
        created_at: clock.nowMs(),
        created_by: by.name,
        expires_at: expiresAtMs,
        last_used_at: null,
        uses: 0,
      },
    };
    const made = await audit.change(
      async (transaction) => {
        if (await isBeingRemoved(transaction, project)) return undefined;
        const ofProject = transaction.selectFrom('saved_objects').select('id').where('project', '=', project);
        if ((await ofProject.where('id', '=', object).executeTakeFirst()) === undefined) return undefined;
        await checkRoom(transaction, project, object);
        await transaction.insertInto('shares').values(row).execute();
        return row;
      },
      (inserted) =>
        inserted === undefined
          ? undefined
          : {
              ...{ actor: by, action: 'share.created', object: row.id, project },
              detail: { of: object, name, pinned: row.pinned_position, expires_at: isoOrNull(expiresAtMs) },
            },
    );
    return made === undefined ? undefined : { share: shareOf(made), token };
  }

  /** Revokes a link to something: it is good for nothing from then on. False if there is none of the id. */
  async revoke(object: string, id: string, { project, by }: Saving): Promise<boolean> {
    await this.keepUses();
    const gone = await this.#options.audit.change(
      (transaction) =>
        transaction
          .deleteFrom('shares')
          .where('project', '=', project)
          .where('object', '=', object)
          .where('id', '=', id)
          .returning(['name', 'uses'])
          .executeTakeFirst(),
      (row) =>
        row === undefined
          ? undefined
          : { actor: by, action: 'share.revoked', object: id, project, detail: { of: object, ...row } },
    );
    this.#uses.delete(id);
    return gone !== undefined;
  }

  /** The link of a token that is good now. */
  async find(token: string): Promise<Share | undefined> {
    if (!isShareToken(token)) return undefined;
    const hash = hashKey(token);
    const row = await this.#rows().where('hash', '=', hash).executeTakeFirst();
    if (row === undefined || !timingSafeEqual(Buffer.from(row.hash), Buffer.from(hash))) return undefined;
    const share = shareOf(row);
    return isExpired(share, this.#options.clock.nowMs()) ? undefined : share;
  }

  /** Counts that a link was used. */
  used({ id }: Share): void {
    const uses = this.#uses.get(id) ?? { count: 0, lastMs: 0 };
    this.#uses.set(id, { count: uses.count + 1, lastMs: this.#options.clock.nowMs() });
  }

  /** Writes down what is counted. What cannot be written stays counted. Runs by itself. */
  keepUses(): Promise<void> {
    this.#keeping = this.#keeping.then(() => this.#keep());
    return this.#keeping;
  }

  /** Writes down what is counted, for the last time. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.keepUses();
  }

  async #keep(): Promise<void> {
    if (this.#uses.size === 0) return;
    const counted = [...this.#uses];
    try {
      await this.#options.catalog.db.transaction().execute(async (transaction) => {
        for (const [id, { count, lastMs }] of counted)
          await transaction
            .updateTable('shares')
            .set((eb) => ({ uses: eb('uses', '+', count), last_used_at: lastMs }))
            .where('id', '=', id)
            .execute();
      });
    } catch (error) {
      this.#options.telemetry.emit(usesNotKept, { links: counted.length, error });
      return;
    }
    for (const [id, { count }] of counted) {
      const now = this.#uses.get(id);
      if (now === undefined) continue;
      if (now.count === count) this.#uses.delete(id);
      else this.#uses.set(id, { ...now, count: now.count - count });
    }
  }

  #rows() {
    return this.#options.catalog.db.selectFrom('shares').selectAll();
  }
}

/** Throws ApiError `conflict` where there are as many links as there may be. */
const checkRoom = async (transaction: Transaction, project: string, object: string): Promise<void> => {
  const { ofAll, ofObject } = await transaction
    .selectFrom('shares')
    .select((eb) => [
      eb.fn.countAll<number>().as('ofAll'),
      eb.fn.countAll<number>().filterWhere('object', '=', object).as('ofObject'),
    ])
    .where('project', '=', project)
    .executeTakeFirstOrThrow();
  const to = ofObject >= SHARE_LIMITS.sharesMax ? 'this' : 'boards and insights of the project';
  if (ofObject >= SHARE_LIMITS.sharesMax || ofAll >= SHARE_LIMITS.projectMax)
    throw new ApiError(
      'conflict',
      `There are ${to === 'this' ? ofObject : ofAll} share links to ${to} already. Revoke one that is not needed.`,
    );
};

/** Whether a link has come to its end. */
export const isExpired = ({ expiresAtMs }: Pick<Share, 'expiresAtMs'>, nowMs: number): boolean =>
  expiresAtMs !== null && expiresAtMs <= nowMs;

const isoOrNull = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

const shareOf = (row: Selectable<SharesTable>): Share => ({
  id: row.id,
  project: row.project,
  object: row.object,
  name: row.name,
  variables: JSON.parse(row.variables) as VariableValues,
  pinned:
    row.pinned_position === null || row.pinned_at === null
      ? null
      : { position: row.pinned_position, atMs: row.pinned_at },
  createdAtMs: row.created_at,
  createdBy: row.created_by,
  expiresAtMs: row.expires_at,
  lastUsedAtMs: row.last_used_at,
  uses: row.uses,
});
