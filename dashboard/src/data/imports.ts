import type { ImportAnswer, ImportsAnswer } from '../../../src/contract/imports.ts';
import { pathOf } from './api.ts';
import { type Resource, useResource } from './resource.ts';

const EVERY_MS = 3_000;

/** The imports of a project, as many as are wanted, those that went on last first. */
export const useImports = (project: string, limit: number): Resource<ImportsAnswer> =>
  useResource({
    key: ['imports', project, limit],
    path: pathOf('/api/imports', project, { limit }),
    everyMs: EVERY_MS,
    keep: true,
  });

/** What is there of an import; null asks nothing. */
export const useImport = (project: string, id: string | null): Resource<ImportAnswer> =>
  useResource({
    key: id === null ? null : ['import', project, id],
    path: pathOf(`/api/imports/${encodeURIComponent(id ?? '')}`, project, { wait_ms: 0 }),
    everyMs: EVERY_MS,
  });
