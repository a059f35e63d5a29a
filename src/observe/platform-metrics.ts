import type { EventMetric } from '../lib/telemetry.ts';

/** What is measured of the platform as a whole, by whoever puts it together. */

/** Records of the raw log that are durable and not queryable yet. */
export const LOADING_BEHIND: EventMetric<never> = {
  kind: 'gauge',
  name: 'aevum_loading_behind_records',
  help: 'Records of the raw log that are durable and not queryable yet.',
};

/** What the raw log takes. */
export const LOG_BYTES: EventMetric<never> = {
  kind: 'gauge',
  name: 'aevum_log_raw_bytes',
  help: 'Bytes that the raw log takes.',
};

/** What is remembered of users that events name which were just loaded. */
export const RECENT_USERS: EventMetric<never> = {
  kind: 'gauge',
  name: 'aevum_recent_users',
  help: 'Users of events that were loaded and may not be in the order of users yet, as remembered: once a load.',
};

/** Room on the disk of the data folder. */
export const DISK_FREE: EventMetric<never> = {
  kind: 'gauge',
  name: 'aevum_disk_free_bytes',
  help: 'Bytes that are free on the disk of the data folder.',
};
