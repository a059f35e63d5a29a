import type { Context } from 'hono';
import type { Format } from '../contract/formats.ts';
import type { QueryAnswer, QueryRequest } from '../contract/query.ts';
import { acceptedFormat, type TableFile, writeTable } from '../table/format.ts';
import { tabulator } from './insights.ts';

/** Answers in the format that the address or the header `Accept` names. One that a kind does not have is refused before the question is asked. */
export const answerAs = async (
  c: Context,
  asked: Format | undefined,
  request: QueryRequest,
  ask: () => Promise<QueryAnswer>,
): Promise<Response> => {
  const format = asked ?? acceptedFormat(c.req.header('accept'));
  c.header('vary', 'Accept', { append: true });
  if (format === 'json') return c.json(await ask());
  const tableOf = tabulator(request);
  const answer = await ask();
  const file = writeTable(tableOf(answer), format, fileName(answer));
  return c.body(bodyOfFile(file), 200, { ...file.headers, ...standingHeaders(answer) });
};

/** What a file is called: what was asked, and when. */
const fileName = ({ kind, freshness }: QueryAnswer): string =>
  `aevum-${kind}-${freshness.answered_at.replace(/\.\d+/u, '').replaceAll(':', '')}`;

const bodyOfFile = ({ body }: TableFile): string | Uint8Array<ArrayBuffer> =>
  typeof body === 'string' ? body : new Uint8Array(body);

/** What JSON says beside the numbers, for formats that have no place for it. */
const standingHeaders = ({ as_of: asOf, freshness }: QueryAnswer): Record<string, string> => ({
  ...(asOf === null ? {} : { 'x-aevum-as-of': asOf }),
  'x-aevum-pending-events': String(freshness.pending_events),
});
