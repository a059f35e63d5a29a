import type { AttributionAnswer, AttributionChannel, AttributionModel } from '../contract/attribution.ts';
import { type Table, tableOfRows } from '../table/table.ts';

/** The credit of a channel by one model, in one currency. */
interface Row {
  readonly channel: AttributionChannel;
  readonly model: AttributionModel;
  readonly currency: string | null;
  readonly value: number | null;
}

/** Attribution as a table: one row a channel, model and currency; a channel whose credit is worth no money has one row a model. */
export const attributionTable = ({ channels, models }: AttributionAnswer): Table =>
  tableOfRows<Row>(
    [
      { name: 'channel', type: 'text', of: ({ channel }) => channel.channel },
      { name: 'other', type: 'boolean', of: ({ channel }) => channel.other },
      { name: 'touches', type: 'integer', of: ({ channel }) => channel.touches },
      { name: 'model', type: 'text', of: ({ model }) => model },
      {
        name: 'conversions',
        type: 'number',
        of: ({ channel, model }) => channel.credits[model]?.conversions ?? null,
      },
      { name: 'share', type: 'number', of: ({ channel, model }) => channel.credits[model]?.share ?? null },
      { name: 'currency', type: 'text', of: ({ currency }) => currency },
      { name: 'value', type: 'number', of: ({ value }) => value },
    ],
    channels.flatMap((channel) =>
      models.flatMap((model): Row[] => {
        const money = channel.credits[model]?.money ?? [];
        return money.length === 0
          ? [{ channel, model, currency: null, value: null }]
          : money.map(({ currency, value }) => ({ channel, model, currency, value }));
      }),
    ),
  );
