import type { Context } from 'hono';
import {
  type RemovedSaved,
  restoreSchema,
  type SavedStamps,
  type SavedVersionsAnswer,
  versionPathSchema,
} from '../contract/saved.ts';
import { ApiError } from '../event/errors.ts';
import type { App } from '../http/app.ts';
import type { AppEnv } from '../http/app-env.ts';
import { requirePermission } from '../http/auth.ts';
import { savingOf } from '../http/project-change.ts';
import type { Clock } from '../lib/clock.ts';
import { isoOf } from '../query/instant.ts';
import { parseRequest } from '../http/parse-request.ts';
import { bodyOf, paramOf, projectOf } from '../http/request-parts.ts';
import type { QueryService } from '../query/service.ts';
import type { AnnotationStore } from './annotation-store.ts';
import type { BoardContent, Checks, InsightContent } from './content.ts';
import type { BoardReader } from './reader.ts';
import type { Draft, Saved, SavedContent, SavedStore, SavedVersion } from './saved-store.ts';
import type { ShareStore } from './share-store.ts';

/** What the routes of insights, boards, share links and annotations serve. */
export interface SavedRoutesOptions {
  readonly insights: SavedStore<InsightContent>;
  readonly boards: SavedStore<BoardContent>;
  readonly shares: ShareStore;
  readonly annotations: AnnotationStore;
  readonly reader: BoardReader;
  readonly service: Pick<QueryService, 'query' | 'check'>;
  readonly clock: Clock;
}

/** The id in the address. */
export const idOf = (c: Context): string => paramOf(c, 'id');

/** What checking a draft of a request needs. */
export const checksOf = (c: Context<AppEnv>, { service, clock }: SavedRoutesOptions): Checks => ({
  ...{ service, project: projectOf(c), nowMs: clock.nowMs() },
});

/** What was looked for, or ApiError `not_found`. */
export const found = async <T>(kind: string, wanted: Promise<T | undefined>): Promise<T> => {
  const value = await wanted;
  if (value === undefined)
    throw new ApiError('not_found', `There is no ${kind} of this id. GET /api/${kind}s lists them.`);
  return value;
};

/** Whose and how old something is. */
export const stampsOf = (
  saved: Pick<Saved<SavedContent>, 'version' | 'createdAtMs' | 'createdBy' | 'updatedAtMs' | 'updatedBy'>,
): SavedStamps => ({
  version: saved.version,
  created_at: isoOf(saved.createdAtMs),
  created_by: saved.createdBy,
  updated_at: isoOf(saved.updatedAtMs),
  updated_by: saved.updatedBy,
});

/** What lists say of a version. */
export const versionAnswer = (saved: SavedVersion): SavedVersionsAnswer['versions'][number] => ({
  ...{ version: saved.version, name: saved.name, changed: [...saved.changed], restored: saved.restored },
  ...{ saved_at: isoOf(saved.savedAtMs), saved_by: saved.savedBy },
});

/** What routes of versions serve, of insights or of boards. */
export interface HistoryOptions<Content extends SavedContent> {
  readonly kind: 'insight' | 'board';
  readonly store: SavedStore<Content>;
  readonly paths: Readonly<Record<'remove' | 'versions' | 'version' | 'restore', string>>;
  readonly answer: (saved: Saved<Content>) => object;
  readonly versionAnswer: (id: string, version: SavedVersion & Draft<Content>) => object;
  /** What was saved once, checked as if it were new. */
  readonly again: (c: Context<AppEnv>, draft: Draft<Content>) => Promise<Draft<Content>>;
}

/** Registers what is the same for insights and boards: removing, and their versions. */
export const registerHistoryRoutes = <Content extends SavedContent>(
  app: App,
  { kind, store, paths, answer, versionAnswer: versionOf, again }: HistoryOptions<Content>,
): void => {
  const read = requirePermission('data:read');
  const write = requirePermission('insights:write');
  const versionIn = async (c: Context<AppEnv>): Promise<SavedVersion & Draft<Content>> => {
    const { version: asked } = parseRequest(versionPathSchema, { version: paramOf(c, 'version') });
    const number = Number(asked);
    await found(kind, store.find(projectOf(c), idOf(c)));
    const version = await store.version(projectOf(c), idOf(c), number);
    if (version === undefined)
      throw new ApiError(
        'not_found',
        `Version ${number} is not kept. GET /api/${kind}s/{id}/versions lists those that are.`,
      );
    return version;
  };
  app.delete(paths.remove, write, async (c) => {
    const { id } = await found(kind, store.remove(idOf(c), savingOf(c)));
    return c.json({ id, removed: true } satisfies RemovedSaved);
  });
  app.get(paths.versions, read, async (c) => {
    const versions = await found(kind, store.versions(projectOf(c), idOf(c)));
    return c.json({ id: idOf(c), versions: versions.map(versionAnswer) } satisfies SavedVersionsAnswer);
  });
  app.get(paths.version, read, async (c) => c.json(versionOf(idOf(c), await versionIn(c))));
  app.post(paths.restore, write, async (c) => {
    const { version } = parseRequest(restoreSchema, await bodyOf(c, 'version that this is made from'));
    const old = await versionIn(c);
    const draft = await again(c, old);
    const restored = store.change(idOf(c), version, draft, savingOf(c), old.version);
    return c.json(answer(await found(kind, restored)));
  });
};
