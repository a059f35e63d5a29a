import { type MetricState, seriesKey, type Telemetry } from '../lib/telemetry.ts';
import type { ProcessMetrics } from './process-metrics.ts';

/** All series of the program, those of its other processes included, told apart by the label `role`. */
export interface MetricsView {
  /** Takes over what another process (a processor, the engine) measured; replaces what it said before. */
  receive(role: string, series: readonly MetricState[]): void;
  /** Forgets a process that ended: its gauges are over. Its counters are kept, as they count what happened. */
  ended(role: string): void;
  snapshot(): MetricState[];
}

/** Role of the process that serves. */
const OWN_ROLE = 'main';

const withRole = (role: string, state: MetricState): MetricState => ({
  ...state,
  labels: { ...state.labels, role },
});

/**
 * Puts the series of this process and of others together. A process that is started again counts from 0: what it counted before is added, so that counters
 * never decrease and rates stay right.
 */
export const createMetricsView = (telemetry: Telemetry, ownProcess: ProcessMetrics): MetricsView => {
  const live = new Map<string, readonly MetricState[]>();
  const past = new Map<string, Map<string, MetricState>>();
  return {
    receive: (role, series) => void live.set(role, series),
    ended(role) {
      const sums = past.get(role) ?? new Map<string, MetricState>();
      past.set(role, sums);
      for (const state of live.get(role) ?? []) {
        if (state.kind === 'gauge' || isProcessSeries(state)) continue;
        const key = seriesKey(state.name, state.labels);
        sums.set(key, added(state, sums.get(key)));
      }
      live.delete(role);
    },
    snapshot() {
      const own = [...telemetry.snapshot(), ...ownProcess.snapshot()].map((state) =>
        withRole(OWN_ROLE, state),
      );
      const roles = new Set([...live.keys(), ...past.keys()]);
      return [
        ...own,
        ...[...roles].flatMap((role) =>
          merged(live.get(role) ?? [], past.get(role)).map((s) => withRole(role, s)),
        ),
      ];
    },
  };
};

/** CPU time and the like belong to one process, not to a role. */
const isProcessSeries = ({ name }: MetricState): boolean =>
  name.startsWith('process_') || name.startsWith('nodejs_');

const merged = (
  live: readonly MetricState[],
  past: ReadonlyMap<string, MetricState> | undefined,
): MetricState[] => {
  if (past === undefined) return [...live];
  const rest = new Map(past);
  const now = live.map((state) => {
    const key = seriesKey(state.name, state.labels);
    const before = rest.get(key);
    rest.delete(key);
    return added(state, before);
  });
  return [...now, ...rest.values()];
};

const added = (state: MetricState, before: MetricState | undefined): MetricState => {
  if (before === undefined || state.kind === 'gauge') return state;
  const value = state.value + before.value;
  if (state.counts === undefined) return { ...state, value };
  const counts = state.counts.map((count, index) => count + (before.counts?.[index] ?? 0));
  return { ...state, value, counts, count: (state.count ?? 0) + (before.count ?? 0) };
};
