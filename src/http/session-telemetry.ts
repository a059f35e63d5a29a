import { defineEvent } from '../lib/telemetry.ts';

/** How somebody signs in. */
type Way = 'link' | 'key' | 'password';

/** Somebody signed in. */
export const SIGNED_IN = defineEvent<{
  readonly by: Way;
  readonly session: string;
  /** The key or the user. */
  readonly who: string | null;
}>({
  name: 'signed_in',
  level: 'info',
  message: ({ by, session, who }) =>
    `${who === null ? 'Somebody' : who} signed in by ${by === 'key' ? 'key' : `a ${by}`}: ${session}.`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_sign_ins_total',
      help: 'Sessions begun, by way.',
      labels: ({ by }) => ({ by }),
    },
  ],
});

/** Somebody tried to sign in and was not let in. */
export const SIGN_IN_REFUSED = defineEvent<{ readonly by: Way }>({
  name: 'sign_in_refused',
  level: 'debug',
  message: ({ by }) => `Somebody tried to sign in by a ${by} that is not good, or not any more.`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_sign_ins_refused_total',
      help: 'Attempts to sign in that failed, by way.',
      labels: ({ by }) => ({ by }),
    },
  ],
});

/** Whether cookies are for https only: the address that browsers see says so, nothing that a request says. */
export const isSecure = (publicUrl: string | undefined): boolean => publicUrl?.startsWith('https:') ?? false;
