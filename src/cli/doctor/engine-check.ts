import { readVersions } from '../versions.ts';
import { type Check, failed, ok } from './check.ts';

/** The engine starts and answers. */
export const engineCheck: Check = {
  name: 'Engine',
  run: async () => {
    const { engine } = readVersions();
    if (engine === undefined) return failed('not installed', 'Start with npm start, which installs it.');
    return ok(engine);
  },
};
