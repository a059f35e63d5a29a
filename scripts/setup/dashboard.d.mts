/** Whether the built pages are those of the sources. */
export declare const isDashboardBuilt: (root?: string) => boolean;
/** Builds the dashboard with `runtime`. Resolves with undefined, or with what went wrong. */
export declare const buildDashboard: (runtime: string) => Promise<string | undefined>;
