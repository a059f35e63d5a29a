import { findingAt, type Finding, isForTests, type Source } from './source.ts';

/**
 * Which part of src may import which: the design's "imports go downward only", as a table. A part is a folder or a file; the longest name that fits counts. A part may
 * always import itself. Naming a file (`log/log.ts`: the port) instead of a folder keeps adapters out of reach.
 */
export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  event: ['lib'],
  window: ['lib'],
  config: ['lib'],
  catalog: ['lib'],
  observe: ['lib'],
  access: ['catalog', 'lib'],
  contract: ['access', 'event'],
  'log/log.ts': [],
  log: ['lib'],
  'log/segment': ['log/append-queue.ts', 'log/log.ts', 'log/watermark.ts', 'lib'],
  'log/kafka': ['log/append-queue.ts', 'log/log.ts', 'log/watermark.ts', 'lib'],
  'log/memory': ['log/log.ts', 'log/watermark.ts', 'lib'],
  warehouse: ['contract', 'event', 'lib', 'process/options.ts', 'query/ports.ts'],
  'warehouse/engine': [
    'lib',
    'warehouse/public-tables.ts',
    'warehouse/quote.ts',
    'warehouse/warehouse-error.ts',
  ],
  // The engine is a process of its own: its entry composes what it needs there.
  'warehouse/engine/child.ts': ['lib', 'sql/guard.ts', 'warehouse'],
  collect: ['access', 'event', 'lib', 'log/log.ts'],
  process: ['event', 'lib', 'log/log.ts', 'window'],
  'process/windows': ['event', 'lib', 'warehouse/client.ts', 'window'],
  'process/load-target.ts': ['process', 'warehouse/client.ts', 'warehouse/load-again.ts'],
  // The processor is a process of its own: its entry composes what it needs there.
  'process/role.ts': ['event', 'lib', 'log', 'process', 'warehouse', 'window'],
  table: ['contract', 'event', 'lib'],
  query: [
    'access',
    'contract',
    'event',
    'http',
    'lib',
    'log/log.ts',
    'process/messages.ts',
    'table',
    'warehouse/warehouse-error.ts',
    'window',
  ],
  'query/testing/job-store.ts': ['catalog', 'lib', 'query'],
  'query/job-store.ts': ['access', 'catalog', 'contract', 'event', 'lib', 'query'],
  sql: ['contract', 'event', 'http', 'lib', 'query', 'table', 'warehouse'],
  cohorts: ['access', 'catalog', 'contract', 'event', 'http', 'lib', 'query'],
  descriptions: ['access', 'catalog', 'contract', 'event', 'http', 'lib', 'query'],
  metrics: ['access', 'catalog', 'contract', 'event', 'http', 'lib', 'query', 'warehouse'],
  boards: ['access', 'catalog', 'contract', 'event', 'http', 'lib', 'query'],
  export: ['access', 'catalog', 'contract', 'event', 'http', 'lib', 'query', 'sql', 'table'],
  http: ['access', 'collect', 'contract', 'event', 'lib', 'observe'],
  live: [
    'access',
    'collect',
    'contract',
    'event',
    'http',
    'lib',
    'log/log.ts',
    'log/watermark.ts',
    'process/messages.ts',
    'query',
  ],
  import: ['access', 'catalog', 'contract', 'event', 'http', 'lib'],
  'import/import-command.ts': ['access', 'cli', 'config', 'import', 'lib'],
  simulate: ['contract', 'event', 'lib'],
  demo: ['access', 'catalog', 'contract', 'event', 'http', 'lib', 'simulate'],
  doctor: ['config', 'contract', 'http', 'lib', 'observe', 'warehouse'],
  cli: ['access', 'catalog', 'config', 'contract', 'doctor', 'lib', 'log/log.ts'],
  'cli/simulate-command.ts': ['cli', 'config', 'lib', 'simulate'],
  // Looks at every store by itself.
  'cli/doctor': ['cli', 'config', 'doctor', 'lib', 'log', 'warehouse'],
  'node.ts': [
    'access',
    'boards',
    'catalog',
    'cohorts',
    'collect',
    'config',
    'contract/demo-limits.ts',
    'demo',
    'descriptions',
    'doctor',
    'event',
    'export',
    'http',
    'import',
    'lib',
    'live',
    'log',
    'metrics',
    'observe',
    'process',
    'query',
    'sql',
    'warehouse',
    'window',
  ],
  'main.ts': ['cli', 'import/import-command.ts', 'node.ts'],
};

/** The part that a file (its path within src) belongs to. */
export const partOf = (path: string): string | undefined =>
  Object.keys(LAYERS)
    .filter((part) => path === part || path.startsWith(`${part}/`))
    .sort((a, b) => b.length - a.length)[0];

const mayImport = (part: string, target: string): boolean =>
  [part, ...(LAYERS[part] ?? [])].some((allowed) => target === allowed || target.startsWith(`${allowed}/`));

/** Imports that the table does not allow. */
export const layerFindings = (sources: readonly Source[]): Finding[] =>
  sources
    .filter((source) => !isForTests(source))
    .flatMap((source) => {
      const part = partOf(source.path.slice('src/'.length));
      if (part === undefined) return [`${source.path}:1: belongs to no part; add it to test/tidy/layers.ts`];
      return source.imports.flatMap(({ path, at }) => {
        if (!path.startsWith('src/')) return [findingAt(source, at, `imports ${path}, outside of src`)];
        if (path.includes('/testing/')) return [findingAt(source, at, `imports ${path}, which is for tests`)];
        const target = path.slice('src/'.length);
        return mayImport(part, target) ? [] : [findingAt(source, at, `${part} may not import ${target}`)];
      });
    });

const PAGES_OF_DASHBOARD = [
  'live',
  'web',
  'explore',
  'sql',
  'boards',
  'users',
  'sessions',
  'cohorts',
  'data-page',
  'system',
  'settings',
];
const PAGE_PARTS = [
  'ask',
  'board',
  'chart',
  'data',
  'design',
  'event',
  'insight',
  'lib',
  'page-props.ts',
  'saved',
  'start',
];

/** The same for the dashboard, within dashboard/src. Of the server it may know the types on the wire, which is all that `src/contract` holds. */
const DASHBOARD_LAYERS: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  data: ['lib'],
  design: ['lib'],
  chart: ['lib'],
  event: ['data', 'design', 'lib'],
  insight: ['chart', 'data', 'design', 'lib'],
  ask: ['data', 'design', 'lib'],
  board: ['data', 'design', 'insight', 'lib'],
  saved: ['data', 'design', 'lib'],
  start: ['data', 'design', 'lib'],
  shell: ['data', 'design', 'lib', 'start'],
  'page-props.ts': ['start'],
  // The pages: none knows another.
  live: PAGE_PARTS,
  web: PAGE_PARTS,
  explore: PAGE_PARTS,
  sql: PAGE_PARTS,
  boards: PAGE_PARTS,
  share: PAGE_PARTS,
  users: PAGE_PARTS,
  sessions: PAGE_PARTS,
  cohorts: PAGE_PARTS,
  'data-page': PAGE_PARTS,
  system: PAGE_PARTS,
  settings: PAGE_PARTS,
  'pages.ts': ['design', 'lib', 'page-props.ts', ...PAGES_OF_DASHBOARD],
  'page-view.tsx': ['design', 'page-props.ts', 'pages.ts'],
  'app.tsx': ['data', 'design', 'lib', 'page-view.tsx', 'pages.ts', 'shell', 'start'],
  'main.tsx': ['app.tsx', 'data', 'design', 'lib'],
};

const DASHBOARD = 'dashboard/src/';
const CONTRACT = 'src/contract/';

/** Imports of the dashboard that its table does not allow. */
export const dashboardFindings = (sources: readonly Source[]): Finding[] =>
  sources
    .filter((source) => !isForTests(source))
    .flatMap((source) => {
      const [part = ''] = source.path.slice(DASHBOARD.length).split('/');
      const allowed = DASHBOARD_LAYERS[part];
      if (allowed === undefined)
        return [`${source.path}:1: belongs to no part; add it to test/tidy/layers.ts`];
      return source.imports.flatMap(({ path, at }) => {
        if (path.startsWith(CONTRACT)) return [];
        if (!path.startsWith(DASHBOARD))
          return [findingAt(source, at, `imports ${path}, outside of the contract`)];
        if (path.includes('/testing/')) return [findingAt(source, at, `imports ${path}, which is for tests`)];
        const [target = ''] = path.slice(DASHBOARD.length).split('/');
        return [part, ...allowed].includes(target)
          ? []
          : [findingAt(source, at, `${part} may not import ${target}`)];
      });
    });

/** Circles of imports, types included, each named once by its files. */
export const cycleFindings = (sources: readonly Source[]): Finding[] => {
  const edges = new Map(sources.map(({ path, imports }) => [path, imports.map((each) => each.path)]));
  const done = new Set<string>();
  const found: Finding[] = [];
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      found.push([...trail.slice(start), path].join(' -> '));
      return;
    }
    if (done.has(path)) return;
    for (const next of edges.get(path) ?? []) walk(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) walk(path, []);
  return found;
};
