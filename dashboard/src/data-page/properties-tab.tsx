import type { ReactNode } from 'react';
import type { Property } from '../../../src/contract/properties.ts';
import { useProperties } from '../data/catalog.ts';
import { usePromote, usePromotions } from '../data/properties.ts';
import { Button, Card, type Column, Fresh, Loaded, Notice, Skeleton, Table, toast } from '../design/index.ts';
import { byteSize, fullCount } from '../lib/format.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { momentIn } from '../lib/zoned.ts';
import { may, type TabProps } from './tab-props.ts';

const STATES = {
  none: 'read from the JSON text',
  building: 'being filled',
  ready: 'column of its own',
  failed: 'failed',
} as const;

const State = ({ property }: { readonly property: Property }): ReactNode => (
  <span className="data-promotion" data-state={property.promotion} title={property.error ?? undefined}>
    {STATES[property.promotion]}
    {property.pinned ? <span className="data-tag">by hand</span> : null}
    {property.error === null ? null : <span className="field-error">{property.error}</span>}
  </span>
);

const isPromoted = ({ promotion }: Property): boolean => promotion === 'ready' || promotion === 'building';

const NO_TYPES: readonly string[] = [];

/** A property that no question has asked for. */
const unasked = (key: string): Property => ({
  ...{ key, asked: 0, promotion: 'none', promoted_at: null, pinned: false, bytes: 0, error: null },
});

/** What questions ask for, and behind it what else the newest events hold. */
const withUnasked = (asked: readonly Property[], keys: readonly string[]): readonly Property[] => {
  const known = new Set(asked.map(({ key }) => key));
  return [...asked, ...keys.filter((key) => !known.has(key)).map(unasked)];
};

const COST: Column<Property> = {
  key: 'bytes',
  head: 'Costs on disk',
  isNumber: true,
  isWide: true,
  sortBy: ({ bytes }) => bytes ?? 0,
  cell: (property) =>
    isPromoted(property) ? byteSize(property.bytes ?? 0) : <span className="quiet">–</span>,
};

const columnsOf = (
  zone: string,
  seesCost: boolean,
  mayChange: boolean,
  onChange: (property: Property) => void,
): readonly Column<Property>[] => [
  { key: 'key', head: 'Property', sortBy: ({ key }) => key, cell: ({ key }) => <code>{key}</code> },
  { key: 'state', head: 'How it is read', cell: (property) => <State property={property} /> },
  {
    key: 'asked',
    head: 'Asked for',
    isNumber: true,
    isWide: true,
    sortBy: ({ asked }) => asked,
    cell: ({ asked }) => fullCount(asked),
  },
  ...(seesCost ? [COST] : []),
  {
    key: 'since',
    head: 'Since',
    isWide: true,
    cell: ({ promoted_at: at }) => (at === null ? null : momentIn(at, zone)),
  },
  ...(mayChange
    ? [
        {
          key: 'change',
          head: '',
          isNumber: true,
          cell: (property: Property) => (
            <Button size="small" onClick={() => onChange(property)}>
              {isPromoted(property) ? 'Demote' : 'Promote'}
            </Button>
          ),
        },
      ]
    : []),
];

const NONE = (
  <Notice icon="data" title="No properties yet">
    The properties of events are listed here. Those that questions ask for get a column of their own by
    themselves.
  </Notice>
);

/** Which properties have a column of their own, and what that costs. */
export const PropertiesTab = ({ project, session }: TabProps): ReactNode => {
  const zone = useTimeZone();
  const { data, atMs, error, again } = usePromotions(project);
  const { properties: seen } = useProperties(project, NO_TYPES);
  const promote = usePromote(project);
  const turn = (property: Property): void => {
    const to = !isPromoted(property);
    promote({ key: property.key, isPromoted: to }).then(
      () =>
        toast(
          to
            ? `The column of ${property.key} is being filled.`
            : `${property.key} is read from the text again.`,
        ),
      (reason: unknown) => toast(reason instanceof Error ? reason.message : String(reason)),
    );
  };
  return (
    <Card title="How properties are read" aside={<Fresh atMs={atMs} />}>
      <p className="quiet card-words">
        Properties are stored as JSON text. Those that questions ask for get a column of their own: the
        answers are the same, only sooner, for some room on disk. Columns are shared by all projects.
      </p>
      <Loaded
        data={data}
        error={error?.message}
        trouble="The properties could not be read"
        again={again}
        loading={<Skeleton height="12rem" />}
      >
        {({ budget, properties }) => (
          <>
            <p className="number card-words">
              {budget.promoted === null
                ? `At most ${fullCount(budget.max)} columns`
                : `${fullCount(budget.promoted)} of at most ${fullCount(budget.max)} columns, ${byteSize(properties.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0))} on disk`}
            </p>
            <Table
              caption="Properties"
              columns={columnsOf(zone, budget.promoted !== null, may(session, 'platform:admin'), turn)}
              rows={withUnasked(
                properties,
                seen.map(({ key }) => key),
              )}
              keyOf={({ key }) => key}
              empty={NONE}
            />
          </>
        )}
      </Loaded>
    </Card>
  );
};
