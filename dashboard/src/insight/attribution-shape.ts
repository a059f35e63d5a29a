import type { AttributionAnswer, AttributionModel } from '../../../src/contract/attribution.ts';
import type { Unit } from '../chart/units.ts';
import { moneyUnit } from './table-shape.ts';

/** What is shared out: conversions, or the money of one currency. */
export interface Credited {
  readonly key: string;
  readonly name: string;
  readonly unit: Unit;
  /** All that was attributed. */
  readonly whole: number;
}

/** A channel with its part by each model. */
export interface CreditRow {
  readonly key: string;
  readonly name: string;
  readonly isOther: boolean;
  readonly touches: number;
  readonly removalEffect: number | null | undefined;
  readonly parts: readonly {
    readonly model: AttributionModel;
    readonly value: number;
    readonly share: number;
  }[];
}

/** Conversions, and the money of each currency. */
export const creditedOf = ({ attributed }: AttributionAnswer): Credited[] => [
  { key: 'conversions', name: 'Conversions', unit: { kind: 'number' }, whole: attributed.conversions },
  ...attributed.money.map(({ currency, value }) => ({
    key: `money ${currency ?? ''}`,
    name: currency ?? 'Without a currency',
    unit: moneyUnit(currency),
    whole: value,
  })),
];

/** The channels with what each model gives them. */
export const creditRows = ({ channels, models }: AttributionAnswer, credited: Credited): CreditRow[] =>
  channels.map(({ channel, other, touches, credits, removal_effect }, index) => ({
    key: String(index),
    name: other ? 'Other' : (channel ?? '(none)'),
    isOther: other,
    touches,
    removalEffect: removal_effect,
    parts: models.map((model) => {
      const credit = credits[model];
      const value =
        credited.key === 'conversions'
          ? (credit?.conversions ?? 0)
          : (credit?.money.find(({ currency }) => `money ${currency ?? ''}` === credited.key)?.value ?? 0);
      return { model, value, share: credited.whole === 0 ? 0 : value / credited.whole };
    }),
  }));
