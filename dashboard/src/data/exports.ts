import type {
  ExportAnswer,
  ExportFilesAnswer,
  ExportRun,
  ExportRunsAnswer,
  ExportsAnswer,
  NewExportInput,
  RemovedExport,
} from '../../../src/contract/exports.ts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ask, askFile, pathOf } from './api.ts';
import { type Change, useChanging } from './changing.ts';
import { type Resource, useResource } from './resource.ts';

const KEY = 'exports';
const EVERY_MS = 10_000;
const RUNS_EVERY_MS = 3_000;

/** An export as it is to be saved. */
export type ExportInput = NewExportInput;

/** The exports of a project. */
export const useExports = (project: string): Resource<ExportsAnswer> =>
  useResource({ key: [KEY, project], path: pathOf('/api/exports', project), everyMs: EVERY_MS });

const exportPath = (id: string, rest = ''): string => `/api/exports/${encodeURIComponent(id)}${rest}`;

/** The runs of an export. */
export const useExportRuns = (project: string, id: string): Resource<ExportRunsAnswer> =>
  useResource({
    key: [KEY, project, id, 'runs'],
    path: pathOf(exportPath(id, '/runs'), project),
    everyMs: RUNS_EVERY_MS,
  });

/** The files of an export. */
export const useExportFiles = (project: string, id: string): Resource<ExportFilesAnswer> =>
  useResource({
    key: [KEY, project, id, 'files'],
    path: pathOf(exportPath(id, '/files'), project),
    everyMs: EVERY_MS,
  });

const useChange = <Input, Answer>(
  project: string,
  request: (input: Input) => Change,
): ((input: Input) => Promise<Answer>) => useChanging([[KEY, project]], project, request);

/** Saves a new export. */
export const useMakeExport = (project: string): ((input: ExportInput) => Promise<ExportAnswer>) =>
  useChange(project, (body) => ({ path: '/api/exports', body }));

/** An export as it is, as it would be saved: without what the server adds. */
const savedOf = (saved: ExportAnswer): ExportInput => {
  const { name, description, what, format, schedule, range, folder, file, keep, paused } = saved;
  return {
    ...{ name, description, what, format, schedule, folder, file, keep, paused },
    ...(range === null ? {} : { range }),
  };
};

/** Saves an export anew with some of it changed. */
export const useChangeExport = (
  project: string,
): ((input: { readonly of: ExportAnswer; readonly to: Partial<ExportInput> }) => Promise<ExportAnswer>) =>
  useChange(project, ({ of, to }) => ({
    path: exportPath(of.id),
    method: 'PUT',
    body: { ...savedOf(of), ...to, version: of.version },
  }));

/** Runs an export now, by id. */
export const useRunExport = (project: string): ((id: string) => Promise<ExportRun>) =>
  useChange(project, (id) => ({ path: exportPath(id, '/run'), method: 'POST' }));

/** Removes an export, with its files or without. */
export const useRemoveExport = (
  project: string,
): ((input: { readonly id: string; readonly isWithFiles: boolean }) => Promise<RemovedExport>) => {
  const client = useQueryClient();
  const { mutateAsync } = useMutation({
    mutationFn: ({ id, isWithFiles }: { readonly id: string; readonly isWithFiles: boolean }) =>
      ask<RemovedExport>(pathOf(exportPath(id), project, { files: isWithFiles ? 'true' : undefined }), {
        method: 'DELETE',
      }),
    onSettled: () => client.invalidateQueries({ queryKey: [KEY, project] }),
  });
  return mutateAsync;
};

/** A file of an export. Rejects with ApiError. */
export const readExportFile = async (project: string, id: string, name: string): Promise<Blob> =>
  (await askFile(pathOf(exportPath(id, `/files/${encodeURIComponent(name)}`), project))).file;
