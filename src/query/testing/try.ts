import { openScratch } from './scratch.ts';
import { createQueryService } from '../service.ts';
import { noPropertyColumns } from '../ports.ts';
import { quietTelemetry } from '../../lib/telemetry.ts';
import { parseRequest } from '../parse.ts';
import { queryRequestSchema } from '../../contract/query.ts';
const s = openScratch();
const now = Date.UTC(2026, 10, 20, 12, 0, 5);
s.exec(
  `INSERT INTO events (project,id,time,received_at,type,user_id,session_id,country,currency,value,properties,position,raw_position) SELECT 'p', toString(number), toDateTime64('2026-11-20 11:00:00',3,'UTC') + number, now64(3), ['a','b','c'][number%3+1], toString(number%17), toString(number%31), ['DE','FR','US',''][number%4+1], ['EUR','USD'][number%2+1], if(number%5=0, NULL, number/10), concat('{"plan":"', ['x','y'][number%2+1], '","n":', toString(number%7), '}'), intDiv(number,100), intDiv(number,100) FROM numbers(3600)`,
);
const service = createQueryService({
  warehouse: s.warehouse,
  progress: () => ({ rawDecided: 36, rawLoaded: 36, governedNext: 36, governedLoaded: 36 }),
  pending: { of: () => [] },
  columns: noPropertyColumns,
  clock: { nowMs: () => now, monotonicMs: () => performance.now() },
  telemetry: quietTelemetry(),
});
const ask = async (r: unknown) => {
  try {
    const a = await service.query('p', parseRequest(queryRequestSchema, r));
    console.log(JSON.stringify(r), '\n', JSON.stringify({ ...a, explain: undefined }).slice(0, 1500));
  } catch (e) {
    console.log(JSON.stringify(r), (e as Error).message);
  }
};
await ask({ kind: 'trend' });
await ask({ kind: 'trend', range: 'last 30 minutes', interval: '5m' });
for (const source of ['auto', 'events']) {
  await ask({ kind: 'trend', range: 'today', interval: 'total', measure: 'unique_users', source });
  await ask({
    kind: 'trend',
    range: 'today',
    interval: 'total',
    measure: { kind: 'sum', of: 'value' },
    by: ['type'],
    top: 1,
    source,
  });
  await ask({
    kind: 'trend',
    range: 'all time',
    interval: '15m',
    measure: { kind: 'avg', of: 'value' },
    source,
  });
}
await ask({
  kind: 'trend',
  range: 'today',
  interval: '1d',
  timezone: 'Asia/Kathmandu',
  by: ['properties.plan', 'country'],
  top: 3,
  measure: { kind: 'quantile', of: 'properties.n', level: 0.5 },
});
await ask({
  kind: 'trend',
  range: { from: '2026-10-01', to: '2026-12-01' },
  interval: '1M',
  timezone: 'Europe/Berlin',
  by: ['country'],
  top: 3,
  filter: {
    and: [
      { field: 'properties.n', op: 'gte', value: 3 },
      { not: { field: 'country', op: 'in', values: ['DE', 3] } },
      { field: 'value', op: 'lt', value: 100.5 },
      { field: 'timestamp', op: 'gte', value: 'now-1d' },
    ],
  },
});
await ask({ kind: 'trend', range: 'last 2 fortnights' });
await ask({ kind: 'trend', filter: { and: [{ field: 'contry', op: 'eq', value: 'x' }] } });
await ask({ kind: 'trend', filter: { and: [{ field: 'country', op: 'eqq', value: 'x' }] } });
await ask({
  kind: 'trend',
  filter: { field: 'country', op: 'eq', valu: 'x' },
  measure: { kind: 'sum' },
  intervall: '1h',
});
await ask({ kind: 'trend', range: { from: '2020-01-01' }, interval: '10s' });
await ask({ kind: 'trendd' });
await ask({});
await ask('x');
await ask({ kind: 'trend', measure: 'counts' });
await ask({ kind: 'trend', timezone: 'Europe/Berln' });
await ask({ kind: 'trend', interval: '2h' });
try {
  const page = await service.events('p', { limit: 3, type: 'a' });
  console.log(JSON.stringify(page).slice(0, 900));
  const page2 = await service.events('p', { limit: 3, cursor: page.nextCursor ?? '' });
  console.log(
    page2.rows.map((r) => r.id),
    page2.nextCursor,
  );
  console.log(JSON.stringify(await service.ledger('p', { by: 'minute' })).slice(0, 600));
  console.log(JSON.stringify(await service.trace('p', '7')));
  console.log(JSON.stringify(await service.quarantine('p', { outcome: 'quarantined', limit: 5 })));
} catch (e) {
  console.log(e);
}
s.close();
