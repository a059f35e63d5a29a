/** A reporter for Node's test runner (`--test-reporter`): each event that counts, as a line of JSON. What a line holds: `plainEvent`. */

import { inspect } from 'node:util';

const CAUSES_MAX = 5;
const INTERNAL_FRAME = /^\s+at .*[( ]node:/;
const KEPT = new Set([
  'test:dequeue',
  'test:complete',
  'test:pass',
  'test:fail',
  'test:stdout',
  'test:stderr',
  'test:summary',
  'test:coverage',
]);

/** The event without what cannot be written as JSON (errors become text); undefined for events that nobody asks for. */
export const plainEvent = ({ type, data }) => {
  if (!KEPT.has(type)) return undefined;
  const { file, line, name, nesting, skip, todo, details, message, summary, counts } = data;
  const { error } = details ?? {};
  return {
    type,
    ...{ file, line, name, nesting, skip, todo, message, summary, counts },
    kind: details?.type,
    ...(error === undefined ? {} : { failureType: error.failureType, error: describe(error) }),
  };
};

/** The runner wraps what a test threw; what it threw, and what that was caused by, is what a person wants to see. */
const describe = (error) => {
  const chain = [];
  for (let at = error?.cause ?? error; at !== undefined && chain.length < CAUSES_MAX; at = at?.cause)
    chain.push(at);
  return chain.map(textOf).join('\ncaused by: ');
};

const textOf = (thrown) => {
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : inspect(thrown);
  return text
    .split('\n')
    .filter((line) => !INTERNAL_FRAME.test(line))
    .join('\n');
};

export default async function* toLines(events) {
  for await (const event of events) {
    const plain = plainEvent(event);
    if (plain !== undefined) yield `${JSON.stringify(plain)}\n`;
  }
}
