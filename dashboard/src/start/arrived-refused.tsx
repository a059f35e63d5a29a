import type { ReactNode } from 'react';
import type { LedgerAnswer } from '../../../src/contract/ledger.ts';
import { ask, pathOf } from '../data/api.ts';
import { usePolled } from '../data/use-polled.ts';
import { Banner } from '../design/index.ts';
import { plural } from '../lib/format.ts';

const EVERY_MS = 3_000;

/** Something came, and all of it was refused: says so and why, as nothing else would. Nothing while nothing came. */
export const ArrivedRefused = ({ project }: { readonly project: string }): ReactNode => {
  const { data } = usePolled(
    `refused of ${project}`,
    (signal) => ask<LedgerAnswer>(pathOf('/api/ledger', project), { signal }),
    { everyMs: EVERY_MS },
  );
  if (data === undefined || data.total.stored > 0) return null;
  const reasons = Object.entries(data.total.reasons).filter(([, count]) => count > 0);
  const refused = reasons.reduce((sum, [, count]) => sum + count, 0);
  if (refused === 0) return null;
  return (
    <Banner kind="warn">
      <strong>{plural(refused, 'event')} arrived and could not be used: </strong>
      {reasons.map(([code]) => code).join(', ')}. The answer to each request says what is wrong with it.
    </Banner>
  );
};
