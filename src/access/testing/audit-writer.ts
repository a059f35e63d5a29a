/** Writes to the audit log of the catalogue named by its argument until it is killed; prints the number of each change that is done. */
import { writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { openCatalog } from '../../catalog/catalog.ts';
import { systemClock } from '../../lib/clock.ts';
import { quietTelemetry } from '../../lib/telemetry.ts';
import { createAuditLog } from '../audit.ts';
import { keepAuditSmall } from '../audit-archive.ts';

const [, , path = '', name = '', archives = ''] = process.argv;
const catalog = await openCatalog(path);
const telemetry = quietTelemetry();
const audit = createAuditLog({ catalog, telemetry, clock: systemClock });
const STDOUT = 1;
const CHANGES_MAX = 100_000;

for (let index = 0; index < CHANGES_MAX; index++) {
  const id = `${name}-${index}`;
  await audit.change(
    (transaction) => transaction.insertInto('projects').values({ id, name: id, created_at: index }).execute(),
    () => ({
      actor: { kind: 'cli', id: 'test', name },
      action: 'project.created',
      object: id,
      project: id,
    }),
  );
  writeSync(STDOUT, `${id}\n`);
  // SQLite's lock knows no queue: who never pauses, shuts others out.
  await pause(2 + Math.random() * 3);
  if (archives !== '')
    await keepAuditSmall({
      catalog,
      audit,
      telemetry,
      dir: archives,
      bytesMax: 1e9,
      entriesMax: 10,
      archiveEntries: 5,
    });
}
