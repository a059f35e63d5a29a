import { type ReactNode, useState } from 'react';
import type { CatalogProperty, CatalogType } from '../../../src/contract/event-catalog.ts';
import { useProperties, useValues } from '../data/catalog.ts';
import { BarTable, Icon, Link, Notice, Panel, Skeleton } from '../design/index.ts';
import { fullCount, share } from '../lib/format.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { momentIn } from '../lib/zoned.ts';
import { may, type TabProps } from './tab-props.ts';

interface TypePanelProps extends TabProps {
  readonly type: string;
  readonly facts: CatalogType | undefined;
  readonly onClose: () => void;
}

const Values = ({
  project,
  type,
  field,
}: {
  readonly project: string;
  readonly type: string;
  readonly field: string;
}): ReactNode => {
  const { data, error } = useValues(project, field, { type, search: '' });
  if (error !== undefined) return <p className="field-error">{error.message}</p>;
  if (data === undefined) return <Skeleton height="4rem" />;
  if (data.values.length === 0) return <p className="quiet">No values in the newest events.</p>;
  return (
    <BarTable
      caption={`Frequent values of ${field}`}
      nameHead="Value"
      countHead="Events"
      whole={data.sample.events}
      rows={data.values.slice(0, 10).map(({ value, events }) => ({
        key: value,
        name: value === '' ? '(empty)' : value,
        isAbsent: value === '',
        count: events,
      }))}
    />
  );
};

interface PropertyRowProps {
  readonly project: string;
  readonly type: string;
  readonly property: CatalogProperty;
}

const PropertyRow = ({ project, type, property }: PropertyRowProps): ReactNode => {
  const { key, field, kinds, promoted } = property;
  const [isOpen, setOpen] = useState(false);
  return (
    <li className="data-property">
      <button
        type="button"
        className="data-property-head"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name="chevron" size={12} />
        <code className="truncate" title={key}>
          {key}
        </code>
        {promoted ? (
          <span className="data-tag" title="It has a column of its own">
            column
          </span>
        ) : null}
        <span className="quiet">{kinds.join(', ')}</span>
        <span
          className="data-property-share number"
          title={`${fullCount(property.events)} of the newest events`}
        >
          <span className="data-property-bar" style={{ width: `${property.share * 100}%` }} />
          {share(property.share, 1)}
        </span>
      </button>
      {isOpen ? <Values {...{ project, type, field }} /> : null}
    </li>
  );
};

/** One type of events: since when, how many, and which properties they have. */
export const TypePanel = ({ project, session, type, facts, onClose }: TypePanelProps): ReactNode => {
  const zone = useTimeZone();
  const { properties, isFetching } = useProperties(project, [type]);
  return (
    <Panel title={type} onClose={onClose}>
      <div className="data-one">
        {facts === undefined ? null : (
          <dl className="data-facts">
            <div>
              <dt>events</dt>
              <dd className="number">{fullCount(facts.events)}</dd>
            </div>
            <div>
              <dt>first seen</dt>
              <dd>{momentIn(facts.first_seen, zone)}</dd>
            </div>
            <div>
              <dt>last seen</dt>
              <dd>{momentIn(facts.last_seen, zone)}</dd>
            </div>
          </dl>
        )}
        <section>
          <h3>Properties</h3>
          <p className="quiet">
            As in the newest events of this type: share of events that have it, and what its values are.
          </p>
          {properties.length === 0 ? (
            isFetching ? (
              <Skeleton height="8rem" />
            ) : (
              <Notice title="No properties">The newest events of this type carry none.</Notice>
            )
          ) : (
            <ul className="data-property-list">
              {properties.map((property) => (
                <PropertyRow key={property.key} {...{ project, type, property }} />
              ))}
            </ul>
          )}
        </section>
        {may(session, 'personal:read') ? (
          <Link to="/data/refused" params={{ type }}>
            Refused events of this type
          </Link>
        ) : null}
      </div>
    </Panel>
  );
};
