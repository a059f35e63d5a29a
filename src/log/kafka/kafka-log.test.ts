import { after } from 'node:test';
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
