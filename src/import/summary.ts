import { formatCount, formatDuration } from '../lib/progress-line.ts';
import type { ImportOutcome, Preview } from './importer.ts';

import type { ReasonTally } from './tally.ts';

/** What is printed when an import ends. */

const REASONS_SHOWN_MAX = 10;
const COLUMNS_SHOWN_MAX = 40;

const rowsWord = (count: number): string => (count === 1 ? '1 row' : `${formatCount(count)} rows`);

const reasonLine = ({ code, message, rows, examples }: ReasonTally): string => {
  const more = rows > examples.length ? ', …' : '';
  return `    ${formatCount(rows)} × ${code} (row ${examples.join(', ')}${more}): ${message}`;
};

const reasonsOf = ({ tally }: ImportOutcome): string[] => {
  const reasons = tally.reasons();
  if (reasons.length === 0) return [];
  const shown = reasons.slice(0, REASONS_SHOWN_MAX).map(reasonLine);
  return reasons.length > REASONS_SHOWN_MAX ? [...shown, '    …'] : shown;
};

const instant = (ms: number): string => new Date(ms).toISOString();

const spanOf = ({ tally, state }: ImportOutcome): string[] => {
  const first =
    state?.first_timestamp ?? (tally.firstTimeMs === undefined ? undefined : instant(tally.firstTimeMs));
  const last =
    state?.last_timestamp ?? (tally.lastTimeMs === undefined ? undefined : instant(tally.lastTimeMs));
  return first === undefined || last === undefined ? [] : [`  data from    ${first} to ${last}`];
};

const rateOf = ({ tally, elapsedMs }: ImportOutcome): string => {
  const sent = tally.accepted + tally.quarantined;
  const rate = elapsedMs > 0 && sent > 0 ? `, ${formatCount((sent * 1000) / elapsedMs)} rows/s` : '';
  return `${formatDuration(elapsedMs)}${rate}`;
};

/** How to see the data: a query over its whole span. */
const nextSteps = (outcome: ImportOutcome, url: string): string[] => {
  const [span] = spanOf(outcome);
  if (span === undefined) return [];
  const [from = '', to = ''] = span.replace('  data from    ', '').split(' to ');
  const body = JSON.stringify({
    kind: 'trend',
    measure: 'count',
    range: { from, to: afterOf(to) },
    interval: 'auto',
    by: ['type'],
  });
  return [
    'See it (with a read or admin key):',
    `  curl ${url}/api/query -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\`,
    `    -d '${body}'`,
  ];
};

/** Ranges end before their end: a millisecond later, the last event is inside. */
const afterOf = (iso: string): string => instant(Date.parse(iso) + 1);

/** The last words of an import. `command` is what to type to go on. */
export const renderSummary = (outcome: ImportOutcome, url: string, command: string): string => {
  const { tally, state, kind, importId } = outcome;
  if (kind === 'complete_before') {
    return [
      `All ${rowsWord(tally.before)} of this file are there already (import ${importId}): nothing to do.`,
      ...(outcome.state === undefined ? [] : ['To import it a second time on purpose, add --again.']),
      ...((state?.quarantined ?? 0) > 0
        ? [
            `In quarantine: ${rowsWord(state?.quarantined ?? 0)}. To send them again, with another mapping for example, add --retry-quarantined.`,
          ]
        : []),
    ].join('\n');
  }
  const before = tally.before > 0 ? [`  there before ${formatCount(tally.before)}`] : [];
  const stored = state === undefined ? [] : [`  queryable    ${formatCount(state.stored)}`];
  const lines = [
    kind === 'interrupted' ? 'Interrupted.' : 'Done.',
    `  import       ${importId}`,
    `  rows read    ${formatCount(tally.read)}`,
    ...before,
    `  accepted     ${formatCount(tally.accepted)}`,
    ...stored,
    `  quarantined  ${formatCount(tally.quarantined)}`,
    ...reasonsOf(outcome),
    ...spanOf(outcome),
    `  took         ${rateOf(outcome)}`,
  ];
  if (kind === 'interrupted') return [...lines, ...resumeLines(outcome, command)].join('\n');
  return [...lines, ...nextSteps(outcome, url)].join('\n');
};

const resumeLines = ({ isResumable }: ImportOutcome, command: string): string[] =>
  isResumable
    ? ['What was accepted is stored. To go on exactly there, also days later:', `  ${command}`]
    : [
        'What was accepted is stored. Standard input cannot be resumed: running it again would store those rows twice.',
      ];

/** What a dry run shows. */
export const renderPreview = (preview: Preview): string => {
  const { format, compression, columns, notes, mapping, events } = preview;
  const packed = compression === 'none' ? '' : `, ${compression}`;
  const listed = columns.slice(0, COLUMNS_SHOWN_MAX).join(', ');
  const more = columns.length > COLUMNS_SHOWN_MAX ? `, … (${columns.length})` : '';
  return [
    `Format: ${format}${packed}${notes.length === 0 ? '' : `; ${notes.join('; ')}`}`,
    `Columns: ${listed}${more}`,
    'Mapping:',
    ...mapping.map((line) => `  ${line}`),
    `The first ${events.length} rows would be sent as:`,
    ...events.map(({ row, json, problem }) => `  ${row}: ${json ?? `quarantined: ${problem ?? ''}`}`),
    'Nothing was sent: this was a dry run.',
  ].join('\n');
};
