import type { Outcome } from '../event/outcome.ts';
import type { SimulatedEvent } from './simulation.ts';

/** What is to become of the events that were sent. */
export class Intent {
  events = 0;
  readonly outcomes: Record<Outcome, number> = {
    stored: 0,
    duplicate: 0,
    stale: 0,
    quarantined: 0,
    blocked: 0,
  };
  /** Events that the server is to refuse at once, by reason. */
  readonly rejectedBy = new Map<string, number>();

  /** Counts an event. */
  add({ outcome, reason }: SimulatedEvent): void {
    this.events += 1;
    this.outcomes[outcome] += 1;
    if (reason === undefined || outcome === 'duplicate') return;
    this.rejectedBy.set(reason, (this.rejectedBy.get(reason) ?? 0) + 1);
  }

  /** Duplicates are recognised later, so they are accepted first. */
  get accepted(): number {
    return this.outcomes.stored + this.outcomes.duplicate;
  }

  get rejected(): number {
    return this.events - this.accepted;
  }
}
