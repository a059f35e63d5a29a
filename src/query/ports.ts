import type { CohortDefinition } from '../contract/cohorts.ts';
import type { MetricDefinition } from '../contract/metrics.ts';
import type { StatementValue } from '../lib/statement-value.ts';

/** What answering questions needs of its surroundings. Narrow on purpose: the node hands over the real ones, tests their own. */

/** Options of one statement. */
export interface ReadOptions {
  /** Names the statement in the engine. */
  readonly id?: string;
  readonly timeoutMs?: number;
  readonly rowsMax?: number;
  readonly signal?: AbortSignal;
  /** It is to take little memory, and may take longer for it. */
  readonly isFrugal?: boolean;
}

/** What the engine says it did. */
export interface ReadStatistics {
  readonly elapsedMs?: number | undefined;
  readonly rowsRead?: number | undefined;
  readonly bytesRead?: number | undefined;
}

/** Rows of a statement, held in memory. */
export interface ReadResult<Row> {
  readonly rows: Row[];
  readonly statistics: ReadStatistics;
}

/** The reading side of the warehouse. */
export interface QueryWarehouse {
  query<Row>(
    sql: string,
    params: Readonly<Record<string, StatementValue>>,
    options?: ReadOptions,
  ): Promise<ReadResult<Row>>;
}

/** Events of one project that were received in a minute and are not loaded yet. */
export interface PendingMinute {
  /** Start of the minute, milliseconds. */
  readonly minute: number;
  readonly events: number;
}

/** A statement under way, as the engine tells it. */
export interface StatementUnderWay {
  readonly id: string;
  /** `load`: brings events in. `read`, `change`: everything else. */
  readonly kind: 'load' | 'read' | 'change';
  readonly state: 'waiting' | 'running';
  readonly elapsedMs: number;
  readonly text: string;
  /** Null: the engine does not say. */
  readonly rowsRead: number | null;
  readonly rowsTotal: number | null;
  readonly memoryBytes: number | null;
}

/** Counts of what is durable but not loaded. */
export interface PendingSource {
  of(project: string): readonly PendingMinute[];
}

/** Where the text of a property can be read cheaper than from the JSON. */
export interface PropertyColumns {
  /** The column that holds the text of a key of the first level (null where absent), or undefined. */
  columnOf(key: string): string | undefined;
  /** Says that a query of a project uses the keys: those asked for often get a column. */
  asked(project: string, keys: readonly string[]): void;
}

/** A cohort with those that it refers to, as they are now or (of a static one) as they were. */
export interface CohortTree {
  readonly definition: CohortDefinition;
  /** When it was frozen, and what was loaded then (null: nothing); null: it is live. */
  readonly frozen: { readonly atMs: number; readonly position: string | null } | null;
  /** By id. */
  readonly nested: { readonly [id: string]: CohortTree };
}

/** The saved cohorts. */
export interface CohortSource {
  /** A cohort of a project by its id. */
  treeOf(project: string, id: string): Promise<CohortTree | undefined>;
}

/** Nothing is saved. */
export const noCohorts: CohortSource = { treeOf: async () => undefined };

/** What people say about a type of events, or about a property of one. */
export interface Description {
  readonly description: string;
  /** Empty: nobody is named. */
  readonly owner: string;
  readonly version: number;
}

/** What people say about events. */
export interface DescriptionSource {
  /** Of each type of a project that something was ever said of. */
  typesOf(project: string): Promise<ReadonlyMap<string, Description>>;
  /** The same of the properties of a type, by key. */
  propertiesOf(project: string, type: string): Promise<ReadonlyMap<string, Description>>;
}

/** Nothing is said. */
export const noDescriptions: DescriptionSource = {
  typesOf: async () => new Map(),
  propertiesOf: async () => new Map(),
};

/** A metric as it is saved. */
export interface SavedMetric {
  readonly id: string;
  /** Id of the project. */
  readonly project: string;
  /** One more with each change: what is kept of another version is of another metric. */
  readonly version: number;
  readonly definition: MetricDefinition;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly updatedBy: string;
}

/** The saved metrics. */
export interface MetricSource {
  /** A metric of a project by its id or its name. */
  metricOf(project: string, idOrName: string): Promise<SavedMetric | undefined>;
}

/** How far the windows of a metric of some version are kept: events of governed positions before that are in them. Undefined: not known. */
export type WindowsNext = (metric: string, version: number) => number | undefined;

/** No metric is saved. */
export const noMetrics: MetricSource = { metricOf: async () => undefined };

/** No property has a column: for tests and warehouses without promotion. */
export const noPropertyColumns: PropertyColumns = { columnOf: () => undefined, asked: () => undefined };

/** A table that is derived from the events in the background, as far as questions depend on it. */
export interface DerivedSource {
  /** Events of governed records before this are in it. */
  covered(): number;
  /** When it was filled last it held everything that was loaded, or little is missing. */
  readonly isCurrent: boolean;
  /** Resolves when a step that is under way has ended. */
  settled(): Promise<void>;
}

/** Nothing is derived: for tests and warehouses without it. */
export const nothingDerived: DerivedSource = {
  covered: () => 0,
  isCurrent: false,
  settled: async () => undefined,
};

/** A pane that events are counted in: of each type, or of all types together. Each is a multiple of those that are narrower. */
export interface PaneLevel {
  readonly isOfAllTypes: boolean;
  readonly seconds: number;
}

/** What `rollup_15m` has, the narrowest first. All types together begin with an hour: narrower ones would be as many states again as those of each type. */
export const PANE_LEVELS: readonly PaneLevel[] = [
  { isOfAllTypes: false, seconds: 900 },
  { isOfAllTypes: true, seconds: 3_600 },
  { isOfAllTypes: true, seconds: 21_600 },
  { isOfAllTypes: false, seconds: 86_400 },
  { isOfAllTypes: true, seconds: 86_400 },
];
