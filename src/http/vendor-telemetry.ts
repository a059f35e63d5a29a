import { defineEvent } from '../lib/telemetry.ts';
import type { Vendor } from './vendor-paths.ts';

/** Events of another platform's client were taken in. */
export const VENDOR_COLLECTED = defineEvent<{
  readonly vendor: Vendor;
  readonly accepted: number;
  readonly rejected: number;
  readonly corrected: number;
}>({
  name: 'vendor_collected',
  level: 'debug',
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_vendor_accepted_total',
      help: 'Events of clients of other platforms that were accepted.',
      value: ({ accepted }) => accepted,
      labels: ({ vendor }) => ({ vendor }),
    },
    {
      kind: 'counter',
      name: 'aevum_vendor_rejected_total',
      help: 'Events of clients of other platforms that were received but refused.',
      value: ({ rejected }) => rejected,
      labels: ({ vendor }) => ({ vendor }),
    },
    {
      kind: 'counter',
      name: 'aevum_vendor_times_corrected_total',
      help: "Events of clients of other platforms whose time was corrected, because the client's clock is wrong.",
      value: ({ corrected }) => corrected,
      labels: ({ vendor }) => ({ vendor }),
    },
  ],
});

/** A client of another platform sent what is not kept, such as measurements of itself. */
export const VENDOR_UNUSED = defineEvent<{ readonly vendor: Vendor; readonly route: string }>({
  name: 'vendor_unused',
  level: 'debug',
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_vendor_unused_total',
      help: 'Requests of clients of other platforms whose content is not kept: no events.',
      labels: ({ vendor, route }) => ({ vendor, route }),
    },
  ],
});
