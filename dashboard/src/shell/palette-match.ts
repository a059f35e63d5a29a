import type { IconName } from '../design/index.ts';

/** Something that the palette finds or does. */
export interface Command {
  readonly key: string;
  readonly group: string;
  readonly text: string;
  readonly icon: IconName;
  /** Keys that do the same. */
  readonly hint?: string;
  readonly run: () => void;
  /** It was sought by the server and matches whatever its text says. */
  readonly isFound?: boolean;
}

/** So many are shown. */
const SHOWN_MAX = 50;

/** How well a text fits what is sought: 0 not at all; best where it begins with it, then where a word does, where it occurs, where its letters occur in order. */
export const fitOf = (text: string, sought: string): number => {
  const hay = text.toLowerCase();
  const needle = sought.toLowerCase();
  if (hay.startsWith(needle)) return 4;
  if (hay.includes(` ${needle}`)) return 3;
  if (hay.includes(needle)) return 2;
  let at = -1;
  for (const letter of needle) {
    if (letter === ' ') continue;
    at = hay.indexOf(letter, at + 1);
    if (at < 0) return 0;
  }
  return 1;
};

/** The commands that fit, best first; all of them if nothing is sought. */
export const matching = (commands: readonly Command[], sought: string): readonly Command[] => {
  if (sought === '') return commands.slice(0, SHOWN_MAX);
  return commands
    .map((command) => ({ command, fit: fitOf(command.text, sought) || (command.isFound === true ? 1 : 0) }))
    .filter(({ fit }) => fit > 0)
    .sort((a, b) => b.fit - a.fit)
    .slice(0, SHOWN_MAX)
    .map(({ command }) => command);
};
