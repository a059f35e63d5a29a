import { writeSync } from 'node:fs';
import { systemClock } from '../../../lib/clock.ts';
import { quietTelemetry } from '../../../lib/telemetry.ts';
import { openSegmentWriter } from '../segment-log.ts';
import { numberedPayload } from './numbered-payload.ts';

/** A writer to be killed: appends numbered records in several streams until it dies, and tells each acknowledged one on its standard output, unbuffered. */

const STREAMS = 8;
const [dir = '', firstNumber = '0'] = process.argv.slice(2);

const log = await openSegmentWriter({
  dir,
  name: 'topic',
  segmentBytes: 1024 * 1024,
  clock: systemClock,
  telemetry: quietTelemetry(),
});
let number = Number(firstNumber);

const appendForever = async (): Promise<never> => {
  for (;;) {
    const mine = number;
    number += 1;
    const position = await log.append({ rows: mine }, [numberedPayload(mine)]);
    writeSync(1, `${position} ${mine}\n`);
  }
};

await Promise.all(Array.from({ length: STREAMS }, appendForever));
