import { type ReactNode, useState } from 'react';
import type { RefusedRow } from '../../../src/contract/events.ts';
import { EventPicker } from '../ask/event-picker.tsx';
import { type RefusedSearch, useLedger, useRefused } from '../data/account.ts';
import { Card, Chip, type Column, Fresh, Listed, Notice, Segmented, Select, Table } from '../design/index.ts';
import { addressStore, changeAddress } from '../lib/address.ts';
import { fullCount } from '../lib/format.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { useStore } from '../lib/use-store.ts';
import { instantIn, momentIn } from '../lib/zoned.ts';
import { REFUSED, reasonsOf } from './flows.ts';
import { RefusedPanel } from './refused-panel.tsx';
import { type RefusedView, refusedViewOf } from './refused-view.ts';
import { may, type TabProps } from './tab-props.ts';

const ANY = '';
const SINCES = [
  { value: 'now-1h', text: 'Last hour' },
  { value: 'now-24h', text: 'Last 24 hours' },
  { value: 'now-7d', text: 'Last 7 days' },
  { value: 'now-30d', text: 'Last 30 days' },
  { value: ANY, text: 'Ever' },
] as const;

const change = (parameters: Readonly<Record<string, string | null>>): void =>
  changeAddress(parameters, { isStep: true });

const textOf = (value: string): string | null => (value === ANY ? null : value);

/** A stretch that is none of the usual ones, as it comes from the ledger. */
const Stretch = ({ view, zone }: { readonly view: RefusedView; readonly zone: string }): ReactNode => {
  const words = [
    view.since === undefined ? '' : `from ${momentIn(view.since, zone)}`,
    view.until === undefined ? '' : `before ${momentIn(view.until, zone)}`,
  ];
  return (
    <Chip
      text={`Received ${words.filter(Boolean).join(' ')}`}
      onRemove={() => change({ since: null, until: null })}
    />
  );
};

const isUsual = ({ since, until }: RefusedView): boolean =>
  until === undefined && (since === undefined || SINCES.some(({ value }) => value === since));

interface FiltersProps {
  readonly project: string;
  readonly view: RefusedView;
  readonly zone: string;
}

const Filters = ({ project, view, zone }: FiltersProps): ReactNode => {
  const { data: ledger } = useLedger(project, 'total', { since: view.since, until: view.until });
  const reasons = ledger === undefined ? [] : reasonsOf(ledger.total, view.outcome);
  const named = view.reason !== undefined && !reasons.some(({ reason }) => reason === view.reason);
  return (
    <div className="page-toolbar">
      <Segmented
        label="Outcome"
        options={REFUSED.map((value) => ({
          value,
          text: ledger === undefined ? value : `${value} ${fullCount(ledger.total[value])}`,
        }))}
        value={view.outcome}
        onChange={(outcome) => change({ outcome, reason: null })}
      />
      <Select
        label="Reason"
        options={[
          { value: ANY, text: 'Any reason' },
          ...reasons.map(({ reason, count }) => ({ value: reason, text: reason, note: fullCount(count) })),
          ...(named ? [{ value: view.reason ?? ANY, text: view.reason ?? '' }] : []),
        ]}
        value={view.reason ?? ANY}
        onChange={(reason) => change({ reason: textOf(reason) })}
      />
      <EventPicker
        project={project}
        label="Type"
        allowsAny
        value={view.type ?? ANY}
        onChange={(type) => change({ type: textOf(type) })}
      />
      {isUsual(view) ? (
        <Select
          label="Received"
          options={SINCES}
          value={SINCES.find(({ value }) => value === (view.since ?? ANY))?.value ?? ANY}
          onChange={(since) => change({ since: textOf(since) })}
        />
      ) : (
        <Stretch view={view} zone={zone} />
      )}
    </div>
  );
};

const columnsOf = (zone: string, onOpen: (row: RefusedRow) => void): readonly Column<RefusedRow>[] => [
  {
    key: 'received',
    head: 'Received',
    cell: (row) => (
      <button type="button" className="stretch-button number" onClick={() => onOpen(row)}>
        <time dateTime={row.received_at}>{instantIn(row.received_at, zone)}</time>
      </button>
    ),
  },
  { key: 'reason', head: 'Reason', cell: ({ reason }) => <code>{reason}</code> },
  {
    key: 'type',
    head: 'Type',
    isWide: true,
    cell: ({ type }) => (type === null ? <span className="quiet">no type</span> : type),
  },
  {
    key: 'detail',
    head: 'Detail',
    isWide: true,
    cell: ({ detail }) => <span title={detail}>{detail}</span>,
  },
  {
    key: 'bytes',
    head: 'Bytes',
    isWide: true,
    cell: ({ body }) =>
      body === null ? <span className="quiet">not kept</span> : <code>{body.slice(0, 48)}</code>,
  },
];

const searchOf = ({ outcome, reason, type, since, until }: RefusedView): RefusedSearch => ({
  outcome,
  ...(reason === undefined ? {} : { reason }),
  ...(type === undefined ? {} : { type }),
  ...(since === undefined ? {} : { since }),
  ...(until === undefined ? {} : { until }),
});

const KEPT = {
  quarantined: 'All of them are kept, with their bytes.',
  stale: 'Some are kept as samples; the count holds them all.',
  duplicate: 'Some are kept as samples; the count holds them all.',
  blocked: 'Some are kept as samples; the count holds them all.',
} as const;

const List = ({ project, view, zone }: FiltersProps): ReactNode => {
  const [open, setOpen] = useState<RefusedRow>();
  const list = useRefused(project, searchOf(view));
  const rows = list.pages.flatMap((page) => page.rows);
  // Several of one record may be alike in all that could name them: the place in the list does.
  const places = new Map(rows.map((row, at) => [row, String(at)]));
  return (
    <Card title="Refused events" aside={<Fresh atMs={list.atMs} />}>
      <Listed
        list={list}
        trouble="Refused events could not be read"
        moreText="Earlier ones"
        note={rows.length === 0 || list.hasMore ? undefined : KEPT[view.outcome]}
      >
        <Table
          caption="Refused events, last received first"
          className="refused-table"
          columns={columnsOf(zone, setOpen)}
          rows={rows}
          keyOf={(row) => places.get(row) ?? ''}
          onRow={setOpen}
          isChosen={(row) => row === open}
          empty={
            <Notice icon="check" title="None">
              No event like this was refused. {KEPT[view.outcome]}
            </Notice>
          }
        />
      </Listed>
      {open === undefined ? null : <RefusedPanel row={open} zone={zone} onClose={() => setOpen(undefined)} />}
    </Card>
  );
};

/** What was not stored: why, and what exactly was sent. */
export const RefusedTab = ({ project, session }: TabProps): ReactNode => {
  const zone = useTimeZone();
  const view = refusedViewOf(useStore(addressStore));
  if (!may(session, 'personal:read'))
    return (
      <Notice icon="lock" title="You may not see single events">
        Refused events may name people. Reading them takes the permission <code>personal:read</code>; the
        ledger shows how many there are.
      </Notice>
    );
  return (
    <>
      <Filters {...{ project, view, zone }} />
      <List {...{ project, view, zone }} />
    </>
  );
};
