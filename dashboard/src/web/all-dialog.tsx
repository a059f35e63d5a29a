import { type ReactNode, useState } from 'react';
import type { WebEntry, WebList } from '../../../src/contract/web.ts';
import { writerOf, written } from '../chart/units.ts';
import { useQuestion } from '../data/questions.ts';
import { type Column, Dialog, Loaded, Notice, Skeleton, Table, TextField } from '../design/index.ts';
import { fullCount, plural } from '../lib/format.ts';
import { Change } from './change.tsx';
import { type Figure, FIGURE_FACTS } from './figures.ts';
import { LISTS, type Row, rowsOf, searched } from './lists.ts';
import { TOP_ALL, wholeOf } from './question.ts';
import type { Site } from './site.ts';

const figure = (name: Figure, isWide: boolean): Column<Row> => {
  const { text, unit } = FIGURE_FACTS[name];
  return {
    key: name,
    head: text,
    cell: ({ entry }) => written(writerOf(unit).short, entry[name]),
    isNumber: true,
    sortBy: ({ entry }) => entry[name] ?? -1,
    isWide,
  };
};

const changeIn = ({ visitors, previous }: WebEntry): number =>
  previous === null || previous.visitors === 0 ? Number.MAX_VALUE : visitors / previous.visitors;

const columnsOf = (list: WebList, isCompared: boolean, choose: (row: Row) => void): Column<Row>[] => [
  {
    key: 'value',
    head: LISTS[list].one,
    cell: (row) => (
      <button type="button" className="web-all-name truncate" title={row.words} onClick={() => choose(row)}>
        {row.words}
      </button>
    ),
    sortBy: ({ words }) => words,
  },
  figure('visitors', false),
  ...(isCompared
    ? [
        {
          key: 'change',
          head: 'Change',
          cell: ({ entry }: Row) => <Change now={entry.visitors} before={entry.previous?.visitors ?? null} />,
          isNumber: true,
          sortBy: ({ entry }: Row) => changeIn(entry),
        },
      ]
    : []),
  figure('sessions', true),
  figure('views', true),
  figure('bounce_rate', true),
  figure('duration_avg_ms', true),
];

interface AllDialogProps {
  readonly list: WebList;
  readonly site: Site;
  readonly onClose: () => void;
}

/** All entries of a list with all their numbers, to search and to sort. */
export const AllDialog = ({ list, site, onClose }: AllDialogProps): ReactNode => {
  const { project, question, isCompared, onToggle } = site;
  const [text, setText] = useState('');
  const { data, error } = useQuestion(project, wholeOf(question, list), { keep: false });
  const choose = ({ entry }: Row): void => {
    onClose();
    onToggle(list, entry.value);
  };
  return (
    <Dialog title={LISTS[list].text} isWide onClose={onClose}>
      <Loaded
        data={data}
        error={error?.message}
        trouble="This could not be counted"
        loading={<Skeleton height="16rem" />}
      >
        {(answer) => {
          const rows = rowsOf(answer, list);
          const rest = answer.lists[list].find(({ other }) => other);
          return (
            <div className="web-all">
              <TextField
                label={`Search ${plural(rows.length, 'entry', 'entries')}`}
                type="search"
                value={text}
                onChange={setText}
              />
              <Table
                caption={`All of ${LISTS[list].text}`}
                className="web-all-table"
                columns={columnsOf(list, isCompared, choose)}
                rows={searched(rows, text)}
                keyOf={({ entry }) => JSON.stringify(entry.value)}
                empty={<Notice title="Nothing has this in its name" />}
              />
              {rest === undefined ? null : (
                <p className="quiet">
                  The {TOP_ALL} with the most visits. All others together: {fullCount(rest.visitors)}{' '}
                  visitors, {fullCount(rest.sessions)} visits.
                </p>
              )}
            </div>
          );
        }}
      </Loaded>
    </Dialog>
  );
};
