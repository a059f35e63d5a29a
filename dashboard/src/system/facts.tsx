import type { ReactNode } from 'react';

/** Names and what they stand for, one below the other. */
export const Facts = ({
  facts,
}: {
  readonly facts: readonly (readonly [string, ReactNode])[];
}): ReactNode => (
  <dl className="system-facts">
    {facts.map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);
