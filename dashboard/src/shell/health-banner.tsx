import type { ReactNode } from 'react';
import type { HealthAnswer } from '../../../src/contract/system.ts';
import { ask, pathOf } from '../data/api.ts';
import { usePolled } from '../data/use-polled.ts';
import { Banner } from '../design/index.ts';

const EVERY_MS = 5_000;

/** What is the matter with the platform, in its own words; nothing while it is well. */
export const HealthBanner = ({ project }: { readonly project: string }): ReactNode => {
  const { data, error } = usePolled(
    `health of ${project}`,
    (signal) => ask<HealthAnswer>(pathOf('/api/health', project), { signal }),
    { everyMs: EVERY_MS, ease: 5, onlyChanges: true },
  );
  // Without an answer the connection has its own banner.
  if (data === undefined || error !== undefined || data.status === 'green') return null;
  const checks = data.checks.filter(({ status }) => status !== 'green');
  return (
    <Banner kind={data.status === 'red' ? 'bad' : 'warn'}>
      {checks.map(({ name, message, detail }) => (
        <p key={name}>
          <strong>{name[0]?.toUpperCase() + name.slice(1)}: </strong>
          {message} {detail}
        </p>
      ))}
      {checks.some(({ name }) => name === 'engine' || name === 'warehouse') ? (
        <p>Events are still taken in; the numbers below stand still and say how old they are.</p>
      ) : null}
    </Banner>
  );
};
