/** What is known of a file that is to be imported. */
export interface ImportDraft {
  readonly file: string;
  readonly type: string;
  readonly timestamp: string;
  readonly user: string;
  readonly timezone: string;
}

/** A word as shells take it whole, whatever is in it. */
const quoted = (text: string): string =>
  /^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** The command that imports it. */
export const importCommand = ({ file, type, timestamp, user, timezone }: ImportDraft): string =>
  [
    `aevum import ${quoted(file.trim() === '' ? 'events.csv' : file.trim())}`,
    type.trim() === '' ? '' : `--type ${quoted(type.trim())}`,
    timestamp.trim() === '' ? '' : `--map ${quoted(`timestamp=${timestamp.trim()}`)}`,
    user.trim() === '' ? '' : `--map ${quoted(`user_id=${user.trim()}`)}`,
    timezone.trim() === '' || timezone === 'UTC' ? '' : `--timezone ${quoted(timezone.trim())}`,
    '--dry-run',
  ]
    .filter((part) => part !== '')
    .join(' \\\n  ');
