import { type ReactNode, useState } from 'react';
import type { CatalogProperty, CatalogType } from '../../../src/contract/event-catalog.ts';
import { useDescribeProperty, useDescribeType, useProperties, useValues } from '../data/catalog.ts';
import { BarTable, Failed, FieldError, Icon, Link, Notice, Panel, Skeleton } from '../design/index.ts';
import { fullCount, share } from '../lib/format.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { momentIn } from '../lib/zoned.ts';
import { Said } from './said.tsx';
import { may, type TabProps } from './tab-props.ts';

interface TypePanelProps extends TabProps {
  readonly type: string;
  /** Undefined: not known yet. */
  readonly facts: CatalogType | undefined;
  /** Owners to choose from. */
  readonly owners: readonly string[];
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
  if (error !== undefined) return <FieldError text={error.message} isStanding />;
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
  readonly mayWrite: boolean;
}

const PropertyRow = ({ project, type, property, mayWrite }: PropertyRowProps): ReactNode => {
  const { key, field, kinds, promoted, description, version } = property;
  const [isOpen, setOpen] = useState(false);
  const describe = useDescribeProperty(project);
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
      {isOpen ? (
        <div className="data-property-body">
          {description === '' && !mayWrite ? null : (
            <Said
              what={key}
              said={{ description, version }}
              mayWrite={mayWrite}
              onSave={(said) => describe({ type, key, description: said.description, version: said.version })}
            />
          )}
          <Values {...{ project, type, field }} />
        </div>
      ) : description === '' ? null : (
        <div className="data-property-body">
          <p className="quiet truncate" title={description}>
            {description}
          </p>
        </div>
      )}
    </li>
  );
};

/** How many there are of a type, and since when. */
const Facts = ({ facts }: { readonly facts: CatalogType }): ReactNode => {
  const zone = useTimeZone();
  const seen = (at: string | null): string => (at === null ? 'never' : momentIn(at, zone));
  return (
    <dl className="data-facts">
      <div>
        <dt>events</dt>
        <dd className="number">{fullCount(facts.events)}</dd>
      </div>
      <div>
        <dt>first seen</dt>
        <dd>{seen(facts.first_seen)}</dd>
      </div>
      <div>
        <dt>last seen</dt>
        <dd>{seen(facts.last_seen)}</dd>
      </div>
    </dl>
  );
};

/** One type of events: what it is, since when, how many, and which properties they have. */
export const TypePanel = ({ project, session, type, facts, owners, onClose }: TypePanelProps): ReactNode => {
  const { properties, isFetching, error, again } = useProperties(project, [type]);
  const describe = useDescribeType(project);
  const mayWrite = may(session, 'insights:write');
  return (
    <Panel title={type} onClose={onClose}>
      <div className="data-one">
        {facts === undefined ? (
          <Skeleton height="6rem" />
        ) : (
          <>
            <Said
              what={type}
              said={facts}
              owners={owners}
              mayWrite={mayWrite}
              none="Nobody has said yet what it is."
              onSave={({ description, owner = '', version }) =>
                describe({ type, description, owner, version })
              }
            />
            <Facts facts={facts} />
          </>
        )}
        <section>
          <h3>Properties</h3>
          <p className="quiet">
            As in the newest events of this type: share of events that have it, and what its values are.
          </p>
          {properties.length === 0 ? (
            isFetching ? (
              <Skeleton height="8rem" />
            ) : error !== undefined ? (
              <Failed title="The properties could not be read" again={again}>
                {error.message}
              </Failed>
            ) : (
              <Notice title="No properties">The newest events of this type carry none.</Notice>
            )
          ) : (
            <ul className="data-property-list">
              {properties.map((property) => (
                <PropertyRow key={property.key} {...{ project, type, property, mayWrite }} />
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
