import type { ImportAnswer } from '../../../src/contract/imports.ts';
import { pathOf } from './api.ts';
import { type Resource, useResource } from './resource.ts';

const EVERY_MS = 3_000;

/** What is there of an import; null asks nothing. */
export const useImport = (project: string, id: string | null): Resource<ImportAnswer> =>
  useResource({
    key: id === null ? null : ['import', project, id],
    path: pathOf(`/api/imports/${encodeURIComponent(id ?? '')}`, project, { wait_ms: 0 }),
    everyMs: EVERY_MS,
  });
