/** A statement as it stands in the address, behind `#`: browsers send that to nobody. */
export interface SharedStatement {
  readonly sql: string;
  readonly limit: number | undefined;
  /** What was typed for the parameters. */
  readonly parameters: Readonly<Record<string, string>>;
}

const PREFIX = 'p.';

/** What stands behind `#`; empty for nothing. */
export const hashOf = ({ sql, limit, parameters }: SharedStatement): string => {
  if (sql.trim() === '') return '';
  const search = new URLSearchParams({ sql });
  if (limit !== undefined) search.set('limit', String(limit));
  for (const [name, value] of Object.entries(parameters)) search.set(`${PREFIX}${name}`, value);
  return `#${search.toString()}`;
};

/** The statement behind `#`, if there is one. */
export const sharedOf = (hash: string): SharedStatement | undefined => {
  const search = new URLSearchParams(hash.replace(/^#/, ''));
  const sql = search.get('sql');
  if (sql === null || sql.trim() === '') return undefined;
  const limit = Number(search.get('limit'));
  return {
    sql,
    limit: Number.isInteger(limit) && limit > 0 ? limit : undefined,
    parameters: Object.fromEntries(
      [...search].flatMap(([name, value]) =>
        name.startsWith(PREFIX) ? [[name.slice(PREFIX.length), value]] : [],
      ),
    ),
  };
};
