import type { Selectable } from 'kysely';
import type { AuditLog, Transaction } from '../access/audit.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { EventDescriptionsTable } from '../catalog/tables.ts';
import { CATALOG_LIMITS } from '../contract/event-catalog.ts';
import { ApiError } from '../event/errors.ts';
import { changeInProject, type Saving, versionConflict } from '../http/project-change.ts';
import type { Clock } from '../lib/clock.ts';
import type { Description, DescriptionSource } from '../query/ports.ts';

/** What something is said of: a type of events, or a property of one. */
export interface Described {
  readonly type: string;
  /** Key of the property; absent: the type itself. */
  readonly property?: string;
}

/** What is to be said from now on. */
export interface Wording {
  readonly description: string;
  /** Of types only. */
  readonly owner?: string;
  /** What it was made from; 0: nothing. */
  readonly version: number;
}

/** What is said now. */
export interface SavedDescription extends Description {
  readonly updatedAtMs: number;
  readonly updatedBy: string;
}

/** What the store needs. */
export interface DescriptionStoreOptions {
  readonly catalog: Catalog;
  /** Of the same catalog: nothing is saved without an entry. */
  readonly audit: AuditLog;
  readonly clock: Clock;
}

type Row = Selectable<EventDescriptionsTable>;

/** The key of no property: stands in the row of the type itself. */
const TYPE_ITSELF = '';

/**
 * What people say about the events of all projects, in the catalogue. Whoever says nothing any more leaves a row with its version, so that nobody overwrites what is said later without having read it; such rows go when
 * room is needed.
 */
export class DescriptionStore implements DescriptionSource {
  readonly #options: DescriptionStoreOptions;

  constructor(options: DescriptionStoreOptions) {
    this.#options = options;
  }

  async typesOf(project: string): Promise<ReadonlyMap<string, Description>> {
    const rows = await this.#options.catalog.db
      .selectFrom('event_descriptions')
      .select(['type', 'description', 'owner', 'version'])
      .where('project', '=', project)
      .where('property', '=', TYPE_ITSELF)
      .orderBy('type')
      .execute();
    return new Map(rows.map(({ type, ...said }) => [type, said]));
  }

  async propertiesOf(project: string, type: string): Promise<ReadonlyMap<string, Description>> {
    const rows = await this.#options.catalog.db
      .selectFrom('event_descriptions')
      .select(['property', 'description', 'owner', 'version'])
      .where('project', '=', project)
      .where('type', '=', type)
      .where('property', '!=', TYPE_ITSELF)
      .execute();
    return new Map(rows.map(({ property, ...said }) => [property, said]));
  }

  /** Says something of a type or a property, whether there are events of it or not. Throws ApiError `conflict` for another version, or where too much is described. */
  async describe(what: Described, wording: Wording, saving: Saving): Promise<SavedDescription> {
    const { description, owner = '', version } = wording;
    const { type, property = TYPE_ITSELF } = what;
    const updatedAtMs = this.#options.clock.nowMs();
    const updatedBy = saving.by.name;
    return changeInProject(
      this.#options.audit,
      saving,
      async (transaction) => {
        const place = { project: saving.project, type, property };
        const known = await checkVersion(transaction, place, version);
        if (known === undefined) await makeRoom(transaction, place);
        const said = { description, owner, version: (known ?? 0) + 1 };
        const columns = { ...said, updated_at: updatedAtMs, updated_by: updatedBy };
        await transaction
          .insertInto('event_descriptions')
          .values({ ...place, ...columns })
          .onConflict((conflict) => conflict.columns(['project', 'type', 'property']).doUpdateSet(columns))
          .execute();
        return { ...said, updatedAtMs, updatedBy };
      },
      (saved) => ({
        action: 'event.described',
        object: type,
        detail: { version: String(saved.version), ...(property === TYPE_ITSELF ? {} : { property }) },
      }),
    );
  }
}

type Place = Pick<Row, 'project' | 'type' | 'property'>;

const calledOf = ({ type, property }: Place): string =>
  property === TYPE_ITSELF ? `The description of "${type}"` : `The description of "${property}" of "${type}"`;

/** The version that there is; undefined: there is none. What was taken back may be said anew like what was never said. Throws ApiError `conflict` for another one than was asked for. */
const checkVersion = async (
  transaction: Transaction,
  place: Place,
  asked: number,
): Promise<number | undefined> => {
  const known = await transaction
    .selectFrom('event_descriptions')
    .select(['version', 'description', 'owner', 'updated_by'])
    .where('project', '=', place.project)
    .where('type', '=', place.type)
    .where('property', '=', place.property)
    .executeTakeFirst();
  const isNothing = known === undefined || (known.description === '' && known.owner === '');
  if (known?.version === asked || (isNothing && asked === 0)) return known?.version;
  const called = calledOf(place);
  if (known === undefined)
    throw new ApiError(
      'conflict',
      `${called} is not there; the change was made from version ${asked}. Read it again, and make the change from there.`,
    );
  throw versionConflict({ called, version: known.version, savedBy: known.updated_by }, asked);
};

/** Throws ApiError `conflict` where nothing more can be described. */
const makeRoom = async (transaction: Transaction, { project, property }: Place): Promise<void> => {
  const isType = property === TYPE_ITSELF;
  const max = isType ? CATALOG_LIMITS.describedTypesMax : CATALOG_LIMITS.describedPropertiesMax;
  const ofKind = isType ? '=' : '!=';
  const count = async (): Promise<number> => {
    const { rows } = await transaction
      .selectFrom('event_descriptions')
      .select((eb) => eb.fn.countAll<number>().as('rows'))
      .where('project', '=', project)
      .where('property', ofKind, TYPE_ITSELF)
      .executeTakeFirstOrThrow();
    return rows;
  };
  if ((await count()) < max) return;
  await transaction
    .deleteFrom('event_descriptions')
    .where('project', '=', project)
    .where('property', ofKind, TYPE_ITSELF)
    .where('description', '=', '')
    .where('owner', '=', '')
    .execute();
  if ((await count()) < max) return;
  throw new ApiError(
    'conflict',
    `${max.toLocaleString('en')} ${isType ? 'types' : 'properties'} of the project are described, which is the most. Empty a description that is not needed.`,
  );
};
