import type { HealthAnswer, MetricsAnswer, ReadyAnswer, SystemAnswer } from '../contract/system.ts';
import { ROUTES } from '../contract/routes.ts';
import type { Clock } from '../lib/clock.ts';
import type { MetricState } from '../lib/telemetry.ts';
import type { ComponentState, HealthRegistry } from '../observe/health.ts';
import type { MetricsView } from '../observe/metrics.ts';
import { cumulativeBuckets, PROMETHEUS_TYPE, prometheusText } from '../observe/prometheus.ts';
import type { App } from './app.ts';
import { principalIfKnown, requirePermission } from './auth.ts';

/** What the routes show. */
export interface OperationsOptions {
  readonly health: HealthRegistry;
  readonly metrics: MetricsView;
  readonly clock: Clock;
  /** The program as it runs, but for the time. */
  readonly system: () => Omit<SystemAnswer, 'now'>;
}

const STATUSES = { ok: 'green', degraded: 'yellow', failed: 'red' } as const satisfies Record<
  ComponentState,
  string
>;

/**
 * Registers `/api/health`, `/api/ready`, `/api/metrics`, `/metrics` and `/api/system`. The first four answer in every phase.
 *
 * Health is always 200 while the process answers at all: it is for people, dashboards and liveness probes, and restarting the process cures nothing that it
 * reports. Readiness is 503 while no events can be taken in: it is for load balancers. Neither needs a key, for probes have none; health tells those with
 * `platform:read` more. Metrics need that permission, wherever the request comes from: behind a proxy on the same machine everybody comes from loopback.
 */
export const registerOperationsRoutes = (app: App, options: OperationsOptions): void => {
  const { health, metrics, clock, system } = options;
  app.get(ROUTES.health.path, async (c) => {
    const principal = await principalIfKnown(c);
    return c.json(healthAnswer(health, principal?.permissions.has('platform:read') === true));
  });
  app.get(ROUTES.ready.path, (c) => {
    const answer = readyAnswer(health);
    return c.json(answer, answer.ready ? 200 : 503);
  });
  app.get(ROUTES.metrics.path, requirePermission('platform:read'), (c) =>
    c.json(metricsAnswer(metrics, clock)),
  );
  app.get(ROUTES.system.path, requirePermission('platform:admin'), (c) =>
    c.json({ ...system(), now: new Date(clock.nowMs()).toISOString() } satisfies SystemAnswer),
  );
  app.get(ROUTES.prometheus.path, requirePermission('platform:read'), (c) =>
    c.body(prometheusText(metrics.snapshot()), 200, { 'content-type': PROMETHEUS_TYPE }),
  );
};

/** Names and numbers are of all projects: they are for whoever may see those. */
const healthAnswer = (health: HealthRegistry, isWhole: boolean): HealthAnswer => ({
  status: STATUSES[health.overall()],
  checks: health.reports().map(({ component, state, message, detail }) => ({
    ...{ name: component, status: STATUSES[state], message },
    ...(isWhole && detail !== undefined ? { detail } : {}),
  })),
});

const readyAnswer = (health: HealthRegistry): ReadyAnswer => {
  const { ready, waitingFor } = health.readiness();
  return { ready, waiting_for: [...waitingFor] };
};

const metricsAnswer = (metrics: MetricsView, clock: Clock): MetricsAnswer => ({
  at: new Date(clock.nowMs()).toISOString(),
  metrics: metrics.snapshot().map(metricOf),
});

const metricOf = (state: MetricState): MetricsAnswer['metrics'][number] => {
  const { name, kind, help, value } = state;
  const plain = { name, kind, help, labels: { ...state.labels }, value };
  return kind === 'histogram'
    ? { ...plain, count: state.count ?? 0, buckets: cumulativeBuckets(state) }
    : plain;
};
