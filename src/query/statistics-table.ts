import type { StatisticsAnswer, StatisticsRequest, StatisticsSeries } from '../contract/statistics.ts';
import { type ColumnOf, type Table, tableOfRows } from '../table/table.ts';

/** Statistics as a table: one row a series, one column a figure; the histogram is in JSON only. */
export const statisticsTable = (answer: StatisticsAnswer, request: StatisticsRequest): Table => {
  const { by = [], levels } = request;
  const isMoney = answer.series.some(({ currency }) => currency !== undefined);
  const number = (
    name: string,
    of: (series: StatisticsSeries) => number | null,
  ): ColumnOf<StatisticsSeries> => ({
    name,
    type: 'number',
    of,
  });
  const columns: readonly (readonly [boolean, readonly ColumnOf<StatisticsSeries>[]])[] = [
    [
      by.length > 0,
      [
        ...by.map(
          (field): ColumnOf<StatisticsSeries> => ({
            name: field,
            type: 'text',
            of: ({ group }) => group?.[field] ?? null,
          }),
        ),
        { name: 'other', type: 'boolean', of: ({ other }) => other },
      ],
    ],
    [isMoney, [{ name: 'currency', type: 'text', of: ({ currency }) => currency ?? null }]],
    [
      true,
      [
        { name: 'count', type: 'integer', of: ({ count }) => count },
        number('mean', ({ mean }) => mean),
        number('deviation', ({ deviation }) => deviation),
        number('min', ({ min }) => min),
        number('max', ({ max }) => max),
        number('sum', ({ sum }) => sum),
        ...levels.map((level, index) =>
          number(`quantile_${level}`, ({ quantiles }) => quantiles[index]?.value ?? null),
        ),
      ],
    ],
    [
      request.with !== undefined,
      [
        { name: 'both', type: 'integer', of: ({ correlation }) => correlation?.count ?? null },
        number('pearson', ({ correlation }) => correlation?.pearson ?? null),
        number('slope', ({ correlation }) => correlation?.slope ?? null),
        number('intercept', ({ correlation }) => correlation?.intercept ?? null),
      ],
    ],
  ];
  return tableOfRows(
    columns.flatMap(([isThere, some]) => (isThere ? some : [])),
    answer.series,
  );
};
