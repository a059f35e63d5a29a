import { join } from 'node:path';

/** Where things are within the data folder. */
export interface DataLayout {
  readonly root: string;
  /** Segments of the topics `raw` and `governed`, a folder each. */
  readonly log: string;
  /** The processor's own: de-duplication, load intent. */
  readonly state: string;
  /** The embedded engine's. */
  readonly warehouse: string;
  /** Projects, keys, settings. */
  readonly catalog: string;
  /** Old entries of the audit log, which the catalog does not hold any more. */
  readonly audit: string;
  /** Files that exports write, unless they are put elsewhere. */
  readonly exports: string;
  /** Answers to questions that are answered later, for as long as they are kept. */
  readonly answers: string;
  /** The keys made at first start, mode 0600. */
  readonly credentials: string;
}

/** The layout of a data folder. */
export const dataLayout = (root: string): DataLayout => ({
  root,
  log: join(root, 'log'),
  state: join(root, 'state'),
  warehouse: join(root, 'warehouse'),
  catalog: join(root, 'catalog.sqlite'),
  audit: join(root, 'audit'),
  exports: join(root, 'exports'),
  answers: join(root, 'answers'),
  credentials: join(root, 'credentials.json'),
});
