const HOUR_MS = 3_600_000;
const HOURS_OF_DAY = 24;
/** No zone is further behind. */
const BEHIND_MAX_HOURS = 12;

/** A midnight that is not long ago. */
export interface Midnight {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** The time zone in which it is one. It knows no summer time. */
  readonly zone: string;
}

/** The last full hour at least so long ago, and where it is midnight then: so that a test tries days that change whenever it runs, and none that change by chance. */
export const recentMidnight = (hoursAgo: number): Midnight => {
  const nowMs = Date.now();
  const atMs = nowMs - (nowMs % HOUR_MS) - hoursAgo * HOUR_MS;
  const hour = new Date(atMs).getUTCHours();
  // Signs of these names tell what UTC is ahead.
  const zone = hour > BEHIND_MAX_HOURS ? `Etc/GMT-${HOURS_OF_DAY - hour}` : `Etc/GMT+${hour}`;
  return { atMs, zone };
};
