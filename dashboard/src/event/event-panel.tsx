import './event.css';
import type { ReactNode, RefObject } from 'react';
import type { StoredEvent } from '../../../src/contract/event.ts';
import { CodeBlock, IconButton, Link, Panel } from '../design/index.ts';
import { sessionPath } from '../lib/paths.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { preciseIn } from '../lib/zoned.ts';
import { eventJson } from './event-text.ts';
import { Trace } from './trace.tsx';

/** What an event can be sought by from its panel. */
export interface FactCondition {
  readonly field: 'user_id' | 'source';
  readonly value: string;
}

interface Fact {
  readonly name: string;
  readonly value: string;
  readonly condition?: FactCondition;
  /** Where more is known of it. */
  readonly to?: string;
}

const known = (name: string, value: string | undefined, more: Partial<Fact> = {}): Fact[] =>
  value === undefined ? [] : [{ name, value, ...more }];

const factsOf = (event: StoredEvent, zone: string): Fact[] => {
  const { user_id: user, session_id: session, source, value, currency } = event;
  return [
    { name: 'id', value: event.id },
    { name: 'happened', value: preciseIn(event.timestamp, zone) },
    ...(user === undefined
      ? []
      : known('user', user, {
          condition: { field: 'user_id', value: user },
          to: `/users/${encodeURIComponent(user)}`,
        })),
    ...(session === undefined ? [] : known('session', session, { to: sessionPath(session) })),
    ...(source === undefined
      ? []
      : known('source', source, { condition: { field: 'source', value: source } })),
    ...(value === undefined ? [] : known('value', `${value} ${currency ?? ''}`)),
    ...Object.entries(event.context ?? {}).flatMap(([name, each]) =>
      known(name.replace('_', ' '), String(each)),
    ),
  ];
};

/** Seeking by a fact. */
export interface FactFilter {
  readonly textOf: (condition: FactCondition) => string;
  readonly onFilter: (condition: FactCondition) => void;
}

const FactsView = ({
  event,
  filter,
}: {
  readonly event: StoredEvent;
  readonly filter: FactFilter | undefined;
}): ReactNode => (
  <dl className="facts">
    {factsOf(event, useTimeZone()).map(({ name, value, condition, to }) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>
          {to === undefined ? (
            <span className="facts-value">{value}</span>
          ) : (
            <Link className="facts-value" to={to}>
              {value}
            </Link>
          )}
          {condition === undefined || filter === undefined ? null : (
            <IconButton
              icon="filter"
              size="small"
              label={`Show only ${filter.textOf(condition)}`}
              onClick={() => filter.onFilter(condition)}
            />
          )}
        </dd>
      </div>
    ))}
  </dl>
);

interface EventPanelProps {
  readonly project: string;
  readonly event: StoredEvent;
  /** Colour of its type, where types have colours. */
  readonly slot?: number;
  readonly filter?: FactFilter;
  /** Goes to the event above or below it, where there is a list. */
  readonly onStep?: (by: 1 | -1) => void;
  /** The list is in the order in which events happened; the newest first otherwise. */
  readonly isForward?: boolean;
  readonly onClose: () => void;
  /** What the panel is to leave in view. */
  readonly beside?: RefObject<HTMLElement | null>;
}

/** One event: its way through the platform, what is known of it, and all of it as JSON. */
export const EventPanel = (props: EventPanelProps): ReactNode => {
  const { project, event, slot, filter, onStep, isForward = false, onClose, beside } = props;
  const [above, below] = isForward ? ['Older', 'Newer'] : ['Newer', 'Older'];
  return (
    <Panel
      title={
        <>
          {slot === undefined ? null : <span className="swatch" data-slot={slot} />} {event.type}
        </>
      }
      actions={
        onStep === undefined ? null : (
          <>
            <IconButton icon="up" label={`${above} event (k)`} onClick={() => onStep(-1)} />
            <IconButton icon="down" label={`${below} event (j)`} onClick={() => onStep(1)} />
          </>
        )
      }
      onClose={onClose}
      {...(beside === undefined ? {} : { beside })}
    >
      <section className="panel-section">
        <h3>Its way</h3>
        <Trace key={event.id} project={project} id={event.id} />
      </section>
      <section className="panel-section">
        <h3>Facts</h3>
        <FactsView event={event} filter={filter} />
      </section>
      <section className="panel-section">
        <h3>JSON</h3>
        <CodeBlock label="the event as JSON" text={eventJson(event)} isJson wraps />
      </section>
    </Panel>
  );
};
