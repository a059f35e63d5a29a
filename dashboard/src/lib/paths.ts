/** Addresses of what many pages lead to. */

/** The page of one session. */
export const sessionPath = (id: string): string => `/sessions/one/${encodeURIComponent(id)}`;

/** The list of single sessions. */
export const SESSIONS_PATH = '/sessions/single';
