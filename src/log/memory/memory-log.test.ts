import { systemClock } from '../../lib/clock.ts';
import { logConformance } from '../conformance.ts';
import { createMemoryTopic } from './memory-log.ts';

logConformance('memory', {
  create: ({ bytesMax, pendingBytesMax, recordBytesMax }) => {
    const limits = {
      ...(bytesMax === undefined ? {} : { bytesMax }),
      ...(pendingBytesMax === undefined ? {} : { pendingBytesMax }),
      ...(recordBytesMax === undefined ? {} : { recordBytesMax }),
    };
    const topic = createMemoryTopic({ clock: systemClock, ...limits });
    return Promise.resolve({
      openWriter: () => topic.openWriter(),
      openReader: () => topic.openReader(),
      dispose: () => Promise.resolve(),
    });
  },
});
