import { type ReactNode, useMemo, useState } from 'react';
import { BarChart } from '../chart/bar-chart.tsx';
import { Card, type Column, Icon, Notice, Switch, Table } from '../design/index.ts';
import { fullCount } from '../lib/format.ts';
import { refusedIn, type Step, type Stretch } from './stretches.ts';
import { stretchLabel, stretchWords } from './stretch-words.ts';

interface StretchesCardProps {
  readonly stretches: readonly Stretch[];
  readonly step: Step;
  readonly zone: string;
  /** Which is looked at by itself: its first minute. */
  readonly chosen: string | undefined;
  readonly onChoose: (from: string) => void;
}

/** Rows of the table; the drawing has all. */
const ROWS_MAX = 200;

const columnsOf = ({ step, zone, onChoose }: StretchesCardProps): readonly Column<Stretch>[] => {
  const count = (key: 'stored' | 'duplicate' | 'stale' | 'quarantined' | 'blocked' | 'pending') => ({
    ...{ key, head: key, isNumber: true, isWide: key !== 'stored' },
    cell: (row: Stretch) => <span data-none={row[key] === 0 ? '' : undefined}>{fullCount(row[key])}</span>,
  });
  return [
    {
      key: 'from',
      head: step,
      cell: ({ from }) => (
        <button type="button" className="stretch-button" onClick={() => onChoose(from)}>
          {stretchWords(from, step, zone)}
        </button>
      ),
    },
    { key: 'received', head: 'received', isNumber: true, cell: ({ received }) => fullCount(received) },
    ...(['stored', 'duplicate', 'stale', 'quarantined', 'blocked', 'pending'] as const).map(count),
    {
      key: 'balance',
      head: 'adds up',
      cell: ({ difference }) =>
        difference === 0 ? (
          <span className="data-balance" data-good="">
            <Icon name="check" size={12} /> yes
          </span>
        ) : (
          <span className="data-balance">
            <Icon name="warning" size={12} /> {fullCount(Math.abs(difference))}{' '}
            {difference > 0 ? 'missing' : 'too many'}
          </span>
        ),
    },
  ];
};

/** The books stretch by stretch. */
export const StretchesCard = (props: StretchesCardProps): ReactNode => {
  const { stretches, step, zone, chosen, onChoose } = props;
  const [isRefusedOnly, setRefusedOnly] = useState(false);
  const bars = useMemo(
    () =>
      stretches.map((each) => ({
        key: each.from,
        label: stretchLabel(each.from, step, zone),
        value: each.received,
        words: `${stretchWords(each.from, step, zone)}: ${fullCount(each.received)} received, ${fullCount(refusedIn(each))} refused`,
        slot: each.difference === 0 ? 1 : 6,
      })),
    [stretches, step, zone],
  );
  const rows = stretches.filter((each) => !isRefusedOnly || refusedIn(each) > 0).toReversed();
  return (
    <Card
      title={`By ${step}`}
      className="stretches-card"
      aside={<Switch label="Only with refused events" isOn={isRefusedOnly} onChange={setRefusedOnly} />}
    >
      {stretches.length === 0 ? (
        <Notice title="Nothing was received">In this time no event came in.</Notice>
      ) : (
        <>
          <div className="stretches-chart">
            <BarChart label="Received" bars={bars} unit={{ kind: 'count' }} onPress={onChoose} />
          </div>
          <Table
            caption={`The books by ${step}`}
            className="stretches-table"
            columns={columnsOf(props)}
            rows={rows.slice(0, ROWS_MAX)}
            keyOf={({ from }) => from}
            onRow={({ from }) => onChoose(from)}
            isChosen={({ from }) => from === chosen}
            empty={<Notice title="Nothing was refused" icon="check" />}
          />
          {rows.length > ROWS_MAX ? <p className="quiet">The last {ROWS_MAX} are listed.</p> : null}
        </>
      )}
    </Card>
  );
};
