import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Catalog, openCatalog } from '../../catalog/catalog.ts';
import { PRIVATE_FILE_MODE } from '../../lib/atomic-file.ts';
import { ProjectFiles } from '../../lib/project-files.ts';
import { JobStore } from '../job-store.ts';

/** Where questions that are answered later are kept, for as long as a test runs. */
export interface TestJobStore {
  readonly store: JobStore;
  readonly catalog: Catalog;
  /** Folder of the answers. */
  readonly dir: string;
}

/** A store in a catalogue in memory and a folder of its own. */
export const openTestJobStore = async (t: TestContext): Promise<TestJobStore> => {
  const dir = mkdtempSync(join(tmpdir(), 'aevum-jobs-'));
  const catalog = await openCatalog(':memory:');
  t.after(async () => {
    await catalog.close();
    rmSync(dir, { recursive: true, force: true });
  });
  return { store: new JobStore({ catalog, files: new ProjectFiles(dir, PRIVATE_FILE_MODE) }), catalog, dir };
};
