import type { Catalog } from './catalog.ts';

/** A setting as stored: its value and how often it was changed (the first is 1). */
export interface Setting<T> {
  readonly value: T;
  readonly version: number;
}

/** The setting of a name, or undefined. The type is the caller's claim: settings are written only by `writeSetting`. */
export const readSetting = async <T>(catalog: Catalog, name: string): Promise<Setting<T> | undefined> => {
  const row = await catalog.db
    .selectFrom('settings')
    .select(['value', 'version'])
    .where('name', '=', name)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return { value: JSON.parse(row.value) as T, version: row.version };
};

/**
 * Stores a setting (any JSON) and returns its version: unchanged if the value is, else one more. This is where versions of the configuration come
 * from, which governed records name: the same version always means the same configuration.
 */
export const writeSetting = async (
  catalog: Catalog,
  name: string,
  value: unknown,
  nowMs: number,
): Promise<number> => {
  const text = JSON.stringify(value);
  const row = await catalog.db
    .insertInto('settings')
    .values({ name, value: text, changed_at: nowMs })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((eb) => ({
        value: text,
        changed_at: nowMs,
        version: eb
          .case()
          .when('settings.value', '=', text)
          .then(eb.ref('settings.version'))
          .else(eb('settings.version', '+', 1))
          .end(),
      })),
    )
    .returning('version')
    .executeTakeFirstOrThrow();
  return row.version;
};
