import { type ReactNode, useState } from 'react';
import type { TrendAnswer } from '../../../src/contract/trend.ts';
import { totalOf } from '../chart/series.ts';
import { ask, pathOf } from '../data/api.ts';
import { usePolled } from '../data/use-polled.ts';
import { type BarRow, BarTable, Fresh, Loaded, Notice, Skeleton, Tabs } from '../design/index.ts';
import type { Condition } from './filter.ts';
import { askedRange, type Range, rangeText } from './range.ts';
import { whyOf } from './said.tsx';

const VIEWS = {
  page: { text: 'Pages', head: 'Page' },
  referrer: { text: 'Referrers', head: 'Referrer' },
  source: { text: 'Sources', head: 'Source' },
  country: { text: 'Countries', head: 'Country' },
  device_type: { text: 'Devices', head: 'Device' },
  browser: { text: 'Browsers', head: 'Browser' },
} as const;

/** What the most frequent values can be shown of. */
export type TopField = keyof typeof VIEWS;

const ROWS = 6;
const EVERY_MS = 5_000;

const rowsOf = (
  answer: TrendAnswer,
  field: TopField,
  onFilter: (condition: Condition) => void,
): readonly BarRow[] =>
  answer.series
    .filter(({ other }) => !other)
    .map(({ group, total }) => {
      const value = group?.[field] ?? null;
      const count = total ?? 0;
      if (value === null) return { key: '', name: 'not said', isAbsent: true, count };
      const onChoose = field === 'source' ? (): void => onFilter({ field: 'source', value }) : undefined;
      return { key: `=${value}`, name: value, count, onChoose };
    });

interface RowsProps {
  readonly project: string;
  readonly range: Range;
  readonly field: TopField;
  readonly onFilter: (condition: Condition) => void;
}

interface TopProps extends Omit<RowsProps, 'field'> {
  readonly label: string;
  readonly fields: readonly TopField[];
}

const Loading = (): ReactNode => (
  <div className="top-loading">
    {Array.from({ length: ROWS }, (_, index) => (
      <Skeleton key={index} height="1.5rem" width={`${92 - index * 11}%`} />
    ))}
  </div>
);

/** Asked every few seconds, because breaking down by these fields reads every event. */
const Rows = ({ project, range, field, onFilter }: RowsProps): ReactNode => {
  const question = { kind: 'trend', by: [field], top: ROWS, interval: 'total', range: askedRange(range) };
  const { data, atMs, error } = usePolled(
    JSON.stringify([project, question]),
    (signal) => ask<TrendAnswer>(pathOf('/api/query', project), { body: question, signal }),
    { everyMs: EVERY_MS },
  );
  const { text, head } = VIEWS[field];
  return (
    <>
      <Loaded
        data={data}
        error={whyOf(error?.message)}
        trouble="This could not be counted"
        loading={<Loading />}
      >
        {(answer) =>
          answer.series.length === 0 ? (
            <Notice title="No events here">Nothing happened in the {rangeText(range)}.</Notice>
          ) : (
            <BarTable
              caption={`${text}, ${rangeText(range)}`}
              nameHead={head}
              countHead="Events"
              rows={rowsOf(answer, field, onFilter)}
              whole={totalOf(answer)}
            />
          )
        }
      </Loaded>
      <div className="top-fresh">
        <Fresh atMs={atMs} isShort />
      </div>
    </>
  );
};

/** The most frequent pages, sources and the like. */
export const Top = ({ label, fields, ...rest }: TopProps): ReactNode => {
  const [field, setField] = useState<TopField>(fields[0] ?? 'page');
  return (
    <section className="card top" aria-label={label}>
      <Tabs
        label={label}
        className="top-tabs"
        tabs={fields.map((value) => ({ value, text: VIEWS[value].text }))}
        value={field}
        onChange={setField}
      >
        <Rows {...rest} field={field} />
      </Tabs>
    </section>
  );
};
