import { ERRORS, type ErrorKind } from './errors.ts';
import { type Outcome, OUTCOMES, REASONS, type Reason } from './outcome.ts';

/** What each outcome means for the event's bytes and for its sender. */
const OUTCOME_TEXTS: Readonly<Record<Exclude<Outcome, 'stored'>, string>> = {
  duplicate: 'An earlier event of the project with the same id is stored. Counted; the first one stays.',
  stale:
    'Outside the window of live collection when it was received. Counted, with a few bodies kept as samples.',
  quarantined: 'Cannot be stored as it is. Kept with its bytes and the reason: see `GET /api/quarantine`.',
  blocked: 'Refused by a rule of the operator. Counted.',
};

const INTRODUCTION = `# Errors

<!-- Generated from src/event/errors.ts and src/event/outcome.ts by "npm run docs". Do not edit. -->

Every answer that is an error has one shape:

\`\`\`json
{"error": {"code": "missing_scope", "message": "Reading needs a read key ...", "details": {}}}
\`\`\`

- \`code\` is stable: programs may switch on it. \`message\` is for people and says what to do; it may change. \`details\` is there where programs need more.
- Where sending the same again may help, the answer carries \`Retry-After\` with whole seconds. Clients should wait at least that long, and longer each time.
- An answer never holds a stack, a key or SQL. A \`500\` carries an incident number under which the server logged what happened.
- Sending again is always safe when events have ids: an event that is stored already is recognised as a duplicate.
`;

const REASONS_INTRODUCTION = `## Refused events

One bad event never spoils its batch: the request is answered \`202\`, and each event that will not be stored is listed under \`rejected\` with its index, id, one of these
codes and a message. The route of a single event answers \`422\` \`event_refused\` instead, with the code in \`details.code\`. Codes of the outcome
\`duplicate\` are found out later and stand in traces and in the ledger.
`;

/** The page `docs/reference/errors.md`. */
export const errorsReference = (): string =>
  [INTRODUCTION, answersSection(), REASONS_INTRODUCTION, reasonsSection()].join('\n');

const answersSection = (): string => {
  const kinds = Object.entries<ErrorKind>(ERRORS);
  const statuses = [...new Set(kinds.map(([, { status }]) => status))].sort((a, b) => a - b);
  const sections = statuses.map((status) => {
    const own = kinds.filter(([, kind]) => kind.status === status);
    return [`### ${status}\n`, ...own.map(([code, kind]) => answerText(code, kind))].join('\n');
  });
  return ['## Answers\n', ...sections].join('\n');
};

const answerText = (code: string, { message, remedy, retryable }: ErrorKind): string =>
  `<a id="${code}"></a>**\`${code}\`**${retryable ? ' (with `Retry-After`)' : ''}: ${message.replaceAll('<', '&lt;')}\n\n${remedy}\n`;

const reasonsSection = (): string => {
  const reasons: readonly Reason[] = Object.values(REASONS);
  const sections = OUTCOMES.flatMap((outcome) => {
    if (outcome === 'stored') return [];
    const own = reasons.filter((reason) => reason.outcome === outcome);
    return own.length === 0 ? [] : [`### ${outcome}\n\n${OUTCOME_TEXTS[outcome]}\n\n${reasonTable(own)}`];
  });
  return sections.join('\n');
};

const reasonTable = (reasons: readonly Reason[]): string => {
  const rows = reasons.map(
    ({ code, message }) => `| <a id="${code}"></a>\`${code}\` | ${message.replaceAll('|', '\\|')} |`,
  );
  return ['| code | meaning |', '|---|---|', ...rows, ''].join('\n');
};
