import { REFUSED, type RefusedAccount } from './flows.ts';

/** Which refused events are listed. */
export interface RefusedView {
  readonly outcome: RefusedAccount;
  readonly reason: string | undefined;
  readonly type: string | undefined;
  /** As the server takes instants: `now-24h`, ISO 8601. */
  readonly since: string | undefined;
  readonly until: string | undefined;
}

const RELATIVE = /^now(?:-[1-9]\d{0,5}[smhdw])?$/;

const isInstant = (text: string): boolean => RELATIVE.test(text) || !Number.isNaN(Date.parse(text));

const TEXT_MAX = 2_000;

/** What an address says. What cannot be is left out. */
export const refusedViewOf = (search: string): RefusedView => {
  const parameters = new URLSearchParams(search);
  const text = (name: string): string | undefined => {
    const value = parameters.get(name);
    return value === null || value === '' || value.length > TEXT_MAX ? undefined : value;
  };
  const instant = (name: string): string | undefined => {
    const value = text(name);
    return value !== undefined && isInstant(value) ? value : undefined;
  };
  return {
    outcome: REFUSED.find((each) => each === parameters.get('outcome')) ?? 'quarantined',
    reason: text('reason'),
    type: text('type'),
    since: instant('since'),
    until: instant('until'),
  };
};

/** The same as parameters of an address. */
export const refusedParameters = ({
  outcome,
  ...rest
}: RefusedView): Readonly<Record<string, string | undefined>> => ({ outcome, ...rest });
