import { type ReactNode, useRef, useState } from 'react';
import type { StoredEvent } from '../../../src/contract/event.ts';
import type { Palette } from '../chart/series.ts';
import { Button, Card, IconButton, Notice } from '../design/index.ts';
import { EventPanel } from '../event/event-panel.tsx';
import { fullCount, plural } from '../lib/format.ts';
import { useShortcuts } from '../lib/shortcuts.ts';
import { type Condition, conditionText, withCondition } from './filter.ts';
import { FilterBar } from './filter-bar.tsx';
import { useStore } from '../lib/use-store.ts';
import { STREAM_PER_SECOND, type StreamAction, type StreamState } from './stream.ts';
import { StreamList } from './stream-list.tsx';
import type { Stream } from './use-stream.ts';

interface StreamCardProps {
  readonly project: string;
  readonly stream: Stream;
  readonly conditions: readonly Condition[];
  readonly onConditions: (conditions: readonly Condition[]) => void;
  readonly palette: Palette;
}

interface ShownProps {
  readonly stream: StreamState;
  readonly tell: (action: StreamAction) => void;
}

const Missed = ({ stream, tell }: ShownProps): ReactNode => {
  if (stream.missed === 0 && !stream.hasGap) return null;
  const what = stream.missed > 0 ? plural(stream.missed, 'event') : 'Some events';
  return (
    <p className="stream-missed" role="status">
      <span>
        {what} not shown here{stream.hasGap ? ', too many while away' : ', this page was too slow'}. All are
        stored.
      </span>
      <IconButton
        icon="close"
        size="small"
        label="Understood"
        onClick={() => tell({ kind: 'acknowledged' })}
      />
    </p>
  );
};

const Sample = ({ stream }: Pick<ShownProps, 'stream'>): ReactNode =>
  stream.isSample ? (
    <p className="stream-sample" role="status">
      More arrive than can be read: {STREAM_PER_SECOND} a second are shown, all are stored.
    </p>
  ) : null;

const PauseButton = ({ stream, tell }: ShownProps): ReactNode => (
  <Button
    size="small"
    kind={stream.isPaused ? 'primary' : 'normal'}
    icon={stream.isPaused ? 'play' : 'pause'}
    title={stream.isPaused ? 'Go on (p)' : 'Pause (p)'}
    onClick={() => tell({ kind: stream.isPaused ? 'resumed' : 'paused' })}
  >
    {stream.isPaused
      ? `Go on${stream.heldCount === 0 ? '' : `, ${fullCount(stream.heldCount)} new`}`
      : 'Pause'}
  </Button>
);

/** The selection in the list, and what is open. An open event stays open though the list has moved on and forgotten it. */
const useSelection = ({ events }: StreamState) => {
  const [selectedId, setSelectedId] = useState<string>();
  const [opened, setOpened] = useState<StoredEvent>();
  const at = events.findIndex(({ id }) => id === selectedId);
  const select = (event: StoredEvent | undefined, isOpen: boolean): void => {
    if (event === undefined) return;
    setSelectedId(event.id);
    if (isOpen) setOpened(event);
  };
  return {
    selectedId,
    opened,
    step: (by: 1 | -1): void =>
      select(events[Math.max(0, Math.min(events.length - 1, at < 0 ? 0 : at + by))], opened !== undefined),
    open: (id: string | undefined = selectedId): boolean => {
      const event = events.find((each) => each.id === id);
      select(event, true);
      return event !== undefined;
    },
    close: (): void => setOpened(undefined),
  };
};

interface EmptyProps {
  readonly error: string | undefined;
  readonly isFiltered: boolean;
  readonly onClear: () => void;
}

/** Why there is nothing in the list. */
const Empty = ({ error, isFiltered, onClear }: EmptyProps): ReactNode => {
  if (error !== undefined) return <Notice title="Events cannot be shown">{error}</Notice>;
  if (!isFiltered)
    return (
      <Notice icon="live" title="Waiting for the next event">
        It appears here as it arrives.
      </Notice>
    );
  return (
    <Notice
      title="Nothing matches yet"
      action={
        <Button size="small" onClick={onClear}>
          Clear the filter
        </Button>
      }
    >
      Events that match appear here as they arrive.
    </Notice>
  );
};

/** The live stream of events: pause, filter, open one. */
export const StreamCard = (props: StreamCardProps): ReactNode => {
  const { project, conditions, onConditions, palette } = props;
  const { tell } = props.stream;
  const stream = useStore(props.stream.store);
  const input = useRef<HTMLInputElement>(null);
  const card = useRef<HTMLElement>(null);
  const selection = useSelection(stream);
  useShortcuts([
    { keys: ['p'], run: () => tell({ kind: stream.isPaused ? 'resumed' : 'paused' }) },
    { keys: ['/'], run: () => input.current?.focus() },
    { keys: ['j', 'ArrowDown'], run: () => selection.step(1) },
    { keys: ['k', 'ArrowUp'], run: () => selection.step(-1) },
    { keys: ['Enter'], run: () => selection.open() },
  ]);
  const slotOf = (type: string): number => palette.slotOf(type);
  return (
    <Card
      title="Live events"
      className="stream"
      ref={card}
      aside={<PauseButton stream={stream} tell={tell} />}
    >
      <FilterBar conditions={conditions} onChange={onConditions} events={stream.events} input={input} />
      <Missed stream={stream} tell={tell} />
      <Sample stream={stream} />
      {stream.error === undefined || stream.events.length === 0 ? null : (
        <p className="stream-missed">{stream.error}</p>
      )}
      {stream.events.length === 0 ? (
        <Empty error={stream.error} isFiltered={conditions.length > 0} onClear={() => onConditions([])} />
      ) : (
        <StreamList
          events={stream.events}
          shown={stream.seen - stream.heldCount}
          selectedId={selection.selectedId}
          slotOf={slotOf}
          onOpen={selection.open}
        />
      )}
      {selection.opened === undefined ? null : (
        <EventPanel
          project={project}
          event={selection.opened}
          slot={slotOf(selection.opened.type)}
          filter={{
            textOf: conditionText,
            onFilter: (condition) => onConditions(withCondition(conditions, condition)),
          }}
          onStep={selection.step}
          onClose={selection.close}
          beside={card}
        />
      )}
    </Card>
  );
};
