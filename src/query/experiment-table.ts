import type { ExperimentAnswer, ExperimentVariant } from '../contract/experiment.ts';
import { type ColumnOf, type Table, tableOfRows } from '../table/table.ts';

/** An experiment as a table: one row a variant, the control first. */
export const experimentTable = ({ variants }: ExperimentAnswer): Table => {
  const number = (
    name: string,
    of: (variant: ExperimentVariant) => number | null | undefined,
  ): ColumnOf<ExperimentVariant> => ({ name, type: 'number', of: (variant) => of(variant) ?? null });
  return tableOfRows(
    [
      { name: 'variant', type: 'text', of: ({ variant }) => variant },
      { name: 'is_control', type: 'boolean', of: ({ is_control }) => is_control },
      { name: 'actors', type: 'integer', of: ({ actors }) => actors },
      { name: 'converted', type: 'integer', of: ({ converted }) => converted },
      number('mean', ({ mean }) => mean),
      number('deviation', ({ deviation }) => deviation),
      number('low', ({ interval }) => interval?.low),
      number('high', ({ interval }) => interval?.high),
      number('difference', ({ compared }) => compared?.difference),
      number('difference_low', ({ compared }) => compared?.interval?.low),
      number('difference_high', ({ compared }) => compared?.interval?.high),
      number('relative', ({ compared }) => compared?.relative),
      number('p_value', ({ compared }) => compared?.p_value),
      { name: 'significant', type: 'boolean', of: ({ compared }) => compared?.significant ?? null },
    ],
    variants,
  );
};
