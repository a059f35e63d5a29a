import type { AuditLog } from '../access/audit.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { App } from '../http/app.ts';
import type { Clock } from '../lib/clock.ts';
import type { Telemetry } from '../lib/telemetry.ts';
import type { Standing } from '../query/freshness.ts';
import type { RunningQueries } from '../query/running.ts';
import type { QueryService } from '../query/service.ts';
import { registerAnnotationRoutes } from './annotation-routes.ts';
import { AnnotationStore } from './annotation-store.ts';
import { registerBoardRoutes } from './board-routes.ts';
import { BOARDS, INSIGHTS } from './content.ts';
import { registerInsightRoutes } from './insight-routes.ts';
import { BoardReader } from './reader.ts';
import type { SavedRoutesOptions } from './saved-routes.ts';
import { SavedStore } from './saved-store.ts';
import { registerShareRoutes } from './share-routes.ts';
import { ShareStore } from './share-store.ts';

/** What saved insights, boards, share links and annotations need. */
export interface BoardsOptions {
  readonly catalog: Catalog;
  /** Of the same catalog. */
  readonly audit: AuditLog;
  readonly service: Pick<QueryService, 'query' | 'check'>;
  /** How far everything is, now. */
  readonly standing: (project: string) => Standing;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Follows questions; without it they are not followed. */
  readonly running?: RunningQueries | undefined;
}

/** The stores, and what reads boards. */
export interface Boards extends SavedRoutesOptions {
  /** Writes down what is counted. */
  close(): Promise<void>;
}

/** Opens what is saved. */
export const openBoards = (options: BoardsOptions): Boards => {
  const { service, clock } = options;
  const insights = new SavedStore(INSIGHTS, options);
  const shares = new ShareStore(options);
  return {
    ...{ insights, shares, service, clock, boards: new SavedStore(BOARDS, options) },
    annotations: new AnnotationStore(options),
    reader: new BoardReader({ ...options, insights }),
    close: () => shares.close(),
  };
};

/** Registers the routes of saved insights, boards, share links and annotations. */
export const registerSavedRoutes = (app: App, boards: SavedRoutesOptions): void => {
  registerInsightRoutes(app, boards);
  registerBoardRoutes(app, boards);
  registerShareRoutes(app, boards);
  registerAnnotationRoutes(app, boards);
};
