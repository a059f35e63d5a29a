import type { HostFacts } from '../lib/host.ts';
import {
  type Config,
  defaultOf,
  flagOf,
  type Group,
  OPTION_KEYS,
  OPTIONS,
  type OptionKey,
  rowOf,
} from './options.ts';

/** An option as it is in force, to be shown. */
export interface ShownOption {
  /** As in aevum.config.json and on the command line. */
  readonly option: string;
  readonly group: Group;
  /** As it would be written; null: not set, or a secret, which is never shown. */
  readonly value: string | null;
  readonly isSecret: boolean;
  /** Whether it is what it is without being set. */
  readonly isDefault: boolean;
  readonly doc: string;
}

/** An option's value as it would be written. */
const textOf = (key: OptionKey, value: unknown): string | null =>
  value === undefined || value === null ? null : rowOf(key).kind.format(value);

/** The configuration as it is in force on a host, in the order of the reference. Secrets are named, not told. */
export const shownConfiguration = (config: Config, host: HostFacts = {}): readonly ShownOption[] =>
  OPTION_KEYS.map((key) => {
    const { doc, secret } = rowOf(key);
    const value = config[key];
    const isSecret = secret === true;
    return {
      ...{ option: flagOf(key), group: OPTIONS[key].group, doc, isSecret },
      value: isSecret ? null : textOf(key, value),
      isDefault: textOf(key, value) === textOf(key, defaultOf(key, host)),
    };
  });
