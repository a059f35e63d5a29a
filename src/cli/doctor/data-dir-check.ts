import { existsSync } from 'node:fs';
import type { Check } from '../../doctor/check.ts';
import { credentialsFinding, DATA_DIR } from '../../doctor/disk-checks.ts';
import { makeFolder } from '../make-folder.ts';

/** The data folder can be used; it is made if it is not there. */
export const dataDirCheck: Check = {
  ...DATA_DIR,
  run: async ({ layout }) => {
    const isNew = !existsSync(layout.root);
    await makeFolder(layout.root);
    return credentialsFinding(layout.credentials, `${layout.root}${isNew ? ' (new)' : ''}`);
  },
};
