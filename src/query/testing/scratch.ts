import { createRequire } from 'node:module';
import { EVENTS, LEDGER, RECORDS, REFUSED, type Table } from '../../event/columns.ts';
import type { QueryWarehouse } from '../ports.ts';
const require = createRequire(import.meta.url);
const { Session } = require('chdb') as {
  Session: new (
    p?: string,
  ) => {
    query(s: string, f?: string): string;
    queryBind(s: string, a: object, f?: string): string;
    cleanup(): void;
  };
};
const types: Record<string, string> = {
  string: 'String',
  time: "DateTime64(3, 'UTC')",
  uint64: 'UInt64',
  uint32: 'UInt32',
  uint8: 'UInt8',
  decimal: 'Nullable(Decimal(18, 6))',
};
const lc = new Set([
  'project',
  'type',
  'source',
  'version',
  'device_type',
  'os',
  'os_version',
  'browser',
  'app_version',
  'country',
  'region',
  'currency',
  'outcome',
  'reason',
  'account',
]);
const ddl = (t: Table, extra: string, order: string) =>
  `CREATE TABLE ${t.name} (${t.columns.map((c) => `${c.name} ${lc.has(c.name) ? 'LowCardinality(String)' : types[c.kind]}`).join(', ')}${extra}) ENGINE=MergeTree ORDER BY (${order})`;
export const openScratch = (): { warehouse: QueryWarehouse; exec(s: string): string; close(): void } => {
  const session = new Session();
  const exec = (s: string) => session.query(s, 'JSONEachRow');
  exec('CREATE DATABASE aevum');
  exec('USE aevum');
  exec(
    ddl(
      EVENTS,
      ", position UInt64, raw_position UInt64, loaded_at DateTime64(3,'UTC') DEFAULT now64(3)",
      'project, type, time',
    ),
  );
  exec(ddl(REFUSED, ', position UInt64', 'project, received_at'));
  exec(ddl(LEDGER, ', position UInt64', 'project, minute'));
  exec(ddl(RECORDS, ', position UInt64', 'raw_position'));
  exec(
    `CREATE TABLE rollup_10s (project LowCardinality(String), pane DateTime('UTC'), type LowCardinality(String), currency LowCardinality(String), events SimpleAggregateFunction(sum,UInt64), users AggregateFunction(uniqCombined64,String), sessions AggregateFunction(uniqCombined64,String), value_sum SimpleAggregateFunction(sum,Decimal(38,6)), value_count SimpleAggregateFunction(sum,UInt64)) ENGINE=AggregatingMergeTree ORDER BY (project,type,pane,currency)`,
  );
  exec(
    `CREATE MATERIALIZED VIEW rollup_mv TO rollup_10s AS SELECT project, toStartOfInterval(time, INTERVAL 10 SECOND)::DateTime('UTC') AS pane, type, currency, count() AS events, uniqCombined64IfState(user_id, user_id!='') AS users, uniqCombined64IfState(session_id, session_id!='') AS sessions, sum(ifNull(value,0)::Decimal(38,6)) AS value_sum, count(value) AS value_count FROM events GROUP BY project,pane,type,currency`,
  );
  const warehouse: QueryWarehouse = {
    query: <Row>(text: string, params: Readonly<Record<string, unknown>>) => {
      const args = Object.fromEntries(
        Object.entries(params).map(([k, v]) => [
          k,
          Array.isArray(v)
            ? `[${v.map((x) => (typeof x === 'string' ? `'${x.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'` : x)).join(',')}]`
            : typeof v === 'string'
              ? v
              : v,
        ]),
      );
      try {
        const out = session.queryBind(text, args, 'JSONEachRow');
        return Promise.resolve({
          rows:
            out.trim() === ''
              ? []
              : out
                  .trim()
                  .split('\n')
                  .map((l) => JSON.parse(l) as Row),
          statistics: {},
        });
      } catch (e) {
        return Promise.reject(new Error(`${(e as Error).message}\n${text}\n${JSON.stringify(params)}`));
      }
    },
  };
  return { warehouse, exec, close: () => session.cleanup() };
};
