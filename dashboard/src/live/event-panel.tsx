import type { ReactNode, RefObject } from 'react';
import type { StoredEvent } from '../../../src/contract/event.ts';
import { CodeBlock, IconButton, Panel } from '../design/index.ts';
import { clockMs, day } from '../lib/format.ts';
import { eventJson } from './event-text.ts';
import { type Condition, conditionText } from './filter.ts';
import { Trace } from './trace.tsx';

interface Fact {
  readonly name: string;
  readonly value: string;
  readonly condition?: Condition;
}

const instantText = (iso: string): string => {
  const at = new Date(iso);
  return `${day(at, true)}, ${clockMs(at)}`;
};

const factsOf = (event: StoredEvent): Fact[] => [
  { name: 'id', value: event.id },
  { name: 'happened', value: instantText(event.timestamp) },
  ...(event.user_id === undefined
    ? []
    : [
        {
          name: 'user',
          value: event.user_id,
          condition: { field: 'user_id' as const, value: event.user_id },
        },
      ]),
  ...(event.session_id === undefined ? [] : [{ name: 'session', value: event.session_id }]),
  ...(event.source === undefined
    ? []
    : [
        { name: 'source', value: event.source, condition: { field: 'source' as const, value: event.source } },
      ]),
  ...(event.value === undefined ? [] : [{ name: 'value', value: `${event.value} ${event.currency ?? ''}` }]),
  ...Object.entries(event.context ?? {}).map(([name, value]) => ({
    name: name.replace('_', ' '),
    value: String(value),
  })),
];

interface EventPanelProps {
  readonly project: string;
  readonly event: StoredEvent;
  readonly slot: number;
  readonly onFilter: (condition: Condition) => void;
  readonly onStep: (by: 1 | -1) => void;
  readonly onClose: () => void;
  /** The stream, to stay in view. */
  readonly beside: RefObject<HTMLElement | null>;
}

/** One event: its way through the platform, what is known of it, and all of it as JSON. */
export const EventPanel = ({
  project,
  event,
  slot,
  onFilter,
  onStep,
  onClose,
  beside,
}: EventPanelProps): ReactNode => (
  <Panel
    title={
      <>
        <span className="swatch" data-slot={slot} /> {event.type}
      </>
    }
    actions={
      <>
        <IconButton icon="up" label="Newer event (k)" onClick={() => onStep(-1)} />
        <IconButton icon="down" label="Older event (j)" onClick={() => onStep(1)} />
      </>
    }
    onClose={onClose}
    beside={beside}
  >
    <section className="panel-section">
      <h3>Its way</h3>
      <Trace key={event.id} project={project} id={event.id} />
    </section>
    <section className="panel-section">
      <h3>Facts</h3>
      <dl className="facts">
        {factsOf(event).map(({ name, value, condition }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <span className="facts-value">{value}</span>
              {condition === undefined ? null : (
                <IconButton
                  icon="filter"
                  size="small"
                  label={`Show only ${conditionText(condition)}`}
                  onClick={() => onFilter(condition)}
                />
              )}
            </dd>
          </div>
        ))}
      </dl>
    </section>
    <section className="panel-section">
      <h3>JSON</h3>
      <CodeBlock label="the event as JSON" text={eventJson(event)} isJson wraps />
    </section>
  </Panel>
);
