import { formatBytes } from '../config/units.ts';
import { hostMemoryBytes } from '../lib/host.ts';
import { type Check, failed, ok, warning } from './check.ts';

const NODE_MAJOR_MIN = 26;
/** What the server and the processor take beside the engine, bytes: room to work in, not a limit. */
const OTHER_MEMORY_BYTES = 700 * 1024 * 1024;

/** The runtime is the one that the program is made for. */
export const nodeCheck: Check = {
  name: 'Node',
  about: 'The runtime is the one that the program is made for; with an older one it may fail anywhere.',
  run: async () => {
    const node = process.version;
    if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN)
      return ok(`${node}, ${process.platform} ${process.arch}`);
    return failed(
      `${node} is too old`,
      `Start with npm start or node bin/aevum.mjs, which use the pinned Node ${NODE_MAJOR_MIN}.`,
    );
  },
};

/** There is memory for what the configuration allows. */
export const memoryCheck: Check = {
  name: 'Memory',
  about:
    'There is memory for what the configuration allows; otherwise the system may end the engine or the server when they need it.',
  run: async ({ config }) => {
    const total = hostMemoryBytes();
    const wanted =
      config.warehouse === 'embedded' ? config.warehouseMemoryBytes + OTHER_MEMORY_BYTES : OTHER_MEMORY_BYTES;
    const detail = `${gibibytes(total)} to be had, up to about ${gibibytes(wanted)} wanted`;
    if (total > wanted) return ok(detail);
    return warning(
      detail,
      `Lower the engine's limit, now ${formatBytes(config.warehouseMemoryBytes)}: --warehouse-memory-bytes`,
    );
  },
};

const gibibytes = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
