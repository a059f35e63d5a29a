import {
  defaultTextOf,
  flagOf,
  GROUPS,
  type Group,
  OPTION_KEYS,
  type OptionKey,
  OPTIONS,
  rowOf,
  variableOf,
} from './options.ts';

const HEAD = `# Configuration

<!-- Generated from src/config/options.ts by \`npm run docs\`. Do not edit. -->

Every option has a default; nothing needs to be configured. An option can be given in three places, of which the later wins:

1. \`aevum.config.json\` in the working folder (or the file that \`--config\` or \`AEVUM_CONFIG\` names): \`{"port": 9000, "stale-limit-ms": "48h"}\`
2. a variable of the environment: \`AEVUM_PORT=9000\`
3. the command line: \`npm start -- --port 9000\`

Durations take the units \`ms\`, \`s\`, \`min\`, \`h\` and \`d\`; a bare number is milliseconds. Sizes take \`KiB\`, \`MiB\`, \`GiB\`, \`TiB\` (powers of 1,024) and
\`KB\`, \`MB\`, \`GB\`, \`TB\` (powers of 1,000); a bare number is bytes. Unknown options are refused, with a suggestion; all problems are reported at once. Secrets are never
printed; give them by variable or file, because other users of a machine can read its command lines.
`;

const row = (key: OptionKey): string => {
  const { kind, doc, secret } = rowOf(key);
  const value = `${kind.describe}${secret === true ? ' (secret)' : ''}`;
  const cells = [`\`${flagOf(key)}\`<br>\`${variableOf(key)}\``, value, defaultTextOf(key), doc];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
};

const section = (group: Group): string => {
  const rows = OPTION_KEYS.filter((key) => OPTIONS[key].group === group).map(row);
  return `## ${group}\n\n| option, variable | value | default | what it does |\n|---|---|---|---|\n${rows.join('\n')}\n`;
};

/** The reference page of all options, as Markdown. */
export const configurationReference = (): string => [HEAD, ...GROUPS.map(section)].join('\n');
