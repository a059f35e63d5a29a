import type { Palette } from './palette.ts';

/** What the first screen tells. */
export interface ScreenFacts {
  readonly version: string;
  readonly url: string;
  /** Signs in once. */
  readonly signInUrl: string;
  readonly dataDir: string;
  readonly credentialsPath: string;
  readonly writeKey: string | undefined;
  /** Started with the demo. */
  readonly demo: boolean;
  readonly readyMs: number;
}

const SAMPLE_EVENT = '{"type":"page_view","user_id":"ada","context":{"page":"/hello"}}';
const SECOND_MS = 1_000;

/** `1.8 s` or `640 ms`. */
export const formatElapsed = (ms: number): string =>
  ms < SECOND_MS ? `${Math.round(ms)} ms` : `${(ms / SECOND_MS).toFixed(1)} s`;

/** A text as one word of a POSIX shell. */
export const shellQuoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** The command that sends the sample event. Works when pasted as it is. */
export const sendCommand = (url: string, writeKey: string): readonly string[] => [
  `curl ${shellQuoted(`${url}/api/events`)} \\`,
  `  -H ${shellQuoted(`Authorization: Bearer ${writeKey}`)} \\`,
  `  -H 'Content-Type: application/json' \\`,
  `  -d ${shellQuoted(SAMPLE_EVENT)}`,
];

/** The command that reads the newest events back. The admin key is fetched from its file, so that it stands neither here nor in the shell's history. */
export const readCommand = (url: string, credentialsPath: string): readonly string[] => [
  `curl ${shellQuoted(`${url}/api/events?limit=5`)} \\`,
  `  -H "Authorization: Bearer $(sed -n 's/.*"admin_key": "\\(.*\\)".*/\\1/p' ${shellQuoted(credentialsPath)})"`,
];

/** The screen shown when everything is up. */
export const readyScreen = (facts: ScreenFacts, { bold, dim, accent }: Palette): string => {
  const { url, writeKey, credentialsPath } = facts;
  const row = (name: string, value: string): string => `  ${dim(name.padEnd(10))} ${value}`;
  const command = (lines: readonly string[]): string => lines.map((line) => `    ${line}`).join('\n');
  const send =
    writeKey === undefined
      ? `  ${dim('The first keys are gone from credentials.json. Make one: aevum keys create --scope write')}`
      : `  Send an event:\n\n${command(sendCommand(url, writeKey))}`;
  return `
  ${bold('Aevum')} ${facts.version}  ${dim(`ready in ${formatElapsed(facts.readyMs)}`)}

${row('Open', accent(facts.signInUrl))}
${row('', dim('signs in once, within ten minutes; another link: aevum login'))}
${facts.demo ? `${row('Demo', 'live in the project "demo"; its history comes in: aevum demo status')}\n` : ''}${row('API', url)}
${row('Reference', `${url}/api/docs`)}
${row('Data', facts.dataDir)}
${writeKey === undefined ? '' : `${row('Write key', writeKey)}\n`}${row('Admin key', writeKey === undefined ? 'gone' : `in ${credentialsPath}`)}

${send}
${writeKey === undefined ? '' : `\n  Read it back:\n\n${command(readCommand(url, credentialsPath))}\n`}
  ${dim('Ctrl-C stops the server; everything acknowledged is on disk.')}
`;
};

/** Shows one step after another: in place on a terminal, a line each elsewhere. `done` removes what is left. */
export interface StepDisplay {
  readonly step: (name: string) => void;
  readonly done: () => void;
}

/** A display of steps on a stream. */
export const createStepDisplay = (stream: NodeJS.WriteStream, palette: Palette): StepDisplay => {
  const inPlace = stream.isTTY;
  return {
    step: (name) => {
      stream.write(inPlace ? `\r\x1b[2K  ${palette.dim(`${name} ...`)}` : `${name}\n`);
    },
    done: () => {
      if (inPlace) stream.write('\r\x1b[2K');
    },
  };
};
