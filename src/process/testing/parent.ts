import { startProcessor } from '../supervise.ts';
import { orphanTestSupervision } from './orphan-supervision.ts';

/** For tests: a process that starts a processor, tells its pid, and waits to be killed. */
const processor = startProcessor(orphanTestSupervision(process.argv[2] ?? ''));
await processor.ready;
process.send?.(processor.pid);
setInterval(() => undefined, 1000);
