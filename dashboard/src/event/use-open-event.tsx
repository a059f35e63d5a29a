import { type ReactNode, useState } from 'react';
import type { StoredEvent } from '../../../src/contract/event.ts';
import { EventPanel } from './event-panel.tsx';

interface OpenEvent {
  readonly openId: string | undefined;
  readonly open: (id: string) => void;
  /** The panel of the event that is open, from which one goes on to those beside it. */
  readonly panel: ReactNode;
}

interface OpenEventOptions {
  readonly project: string;
  /** In the order of the list. */
  readonly events: readonly StoredEvent[];
  readonly slots: ReadonlyMap<string, number>;
  /** Events stand in the order in which they happened. */
  readonly isForward?: boolean;
}

/** Which event of a list is open, and its panel. */
export const useOpenEvent = ({ project, events, slots, isForward = false }: OpenEventOptions): OpenEvent => {
  const [openId, setOpen] = useState<string>();
  const at = events.findIndex(({ id }) => id === openId);
  const opened = events[at];
  return {
    openId,
    open: setOpen,
    panel:
      opened === undefined ? null : (
        <EventPanel
          project={project}
          event={opened}
          slot={slots.get(opened.type) ?? 0}
          isForward={isForward}
          onStep={(by) => setOpen(events[at + by]?.id ?? openId)}
          onClose={() => setOpen(undefined)}
        />
      ),
  };
};
