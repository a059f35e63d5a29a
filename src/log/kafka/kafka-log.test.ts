import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Producer } from '@platformatic/kafka';
import { fetchKafka, startKafka } from '../../../scripts/kafka.mjs';
import { systemClock } from '../../lib/clock.ts';
import { logConformance } from '../conformance.ts';
import { openKafkaReader, openKafkaWriter } from './kafka-log.ts';

/** Runs against a real broker, or says that it was skipped; with AEVUM_REQUIRE_KAFKA=1 it fails instead. */

const missing = await fetchKafka();
if (missing !== undefined && process.env['AEVUM_REQUIRE_KAFKA'] === '1')
  throw new Error(`Kafka is required: ${missing}`);
const kafka = missing === undefined ? await startKafka() : undefined;
after(() => kafka?.stop());
let topics = 0;

logConformance('Kafka', {
  skip: missing === undefined ? undefined : `skipped: ${missing}`,
  create: ({ small: _small, ...limits }) => {
    topics += 1;
    const place = { brokers: [kafka?.broker ?? ''], topic: `topic-${topics}` };
    return Promise.resolve({
      openWriter: () => openKafkaWriter({ ...place, ...limits, clock: systemClock }),
      openReader: () => openKafkaReader(place),
      dispose: () => Promise.resolve(),
    });
  },
});

test('records of a transaction that was given up are never read', { skip: missing ?? false }, async () => {
  const place = { brokers: [kafka?.broker ?? ''], topic: 'given-up' };
  const log = await openKafkaWriter({ ...place, clock: systemClock });
  await log.append({ rows: 1 }, [Buffer.from('kept')]);
  const options = {
    clientId: 'test',
    bootstrapBrokers: place.brokers,
    idempotent: true,
    transactionalId: 'another',
  };
  const producer = new Producer(options);
  const transaction = await producer.beginTransaction({ producerId: -1n, producerEpoch: -1 });
  await transaction.send({
    messages: [{ topic: place.topic, partition: 0, value: Buffer.from('given up') }],
  });
  await transaction.abort();
  await producer.close(true);
  await log.append({ rows: 2 }, [Buffer.from('kept too')]);
  const found: number[] = [];
  for (let next = 0; ; ) {
    const result = await log.read(next, 1024);
    assert.deepEqual(result.gaps, []);
    found.push(...result.records.map(({ header }) => header.rows));
    if (result.next === next) break;
    next = result.next;
  }
  assert.deepEqual(found, [1, 2]);
  await log.close();
});
