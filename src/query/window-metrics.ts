import { defineEvent, type Telemetry } from '../lib/telemetry.ts';
import type { WindowMetric } from '../window/metric.ts';
import { isKeyedMetric } from './metric-keyed.ts';
import type { SavedMetric } from './ports.ts';
import { windowMetricOf } from './window-reading.ts';

/** A metric that was saved is not what could be saved today: its windows are not kept. */
const WINDOWS_REFUSED = defineEvent<{ metric: string; reason: string }>({
  name: 'windows_refused',
  level: 'error',
  message: ({ metric, reason }) =>
    `The windows of metric ${metric} are not kept: ${reason} Change the metric, or remove it.`,
});

/** What the processor is told of those of the saved metrics that have session or count windows. */
export const windowMetrics = (metrics: readonly SavedMetric[], telemetry: Telemetry): WindowMetric[] =>
  metrics.filter(isKeyedMetric).flatMap((metric) => {
    try {
      return [windowMetricOf(metric)];
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      telemetry.emit(WINDOWS_REFUSED, { metric: metric.id, reason });
      return [];
    }
  });
