import type { z } from '@hono/zod-openapi';

import type { RequestProblem } from '../contract/common.ts';
import { didYouMean } from '../lib/nearest.ts';
import { invalidAt, invalidRequest } from './request-problem.ts';

/** Levels of nesting in a request. Deeper than any valid one; keeps the validator's recursion bounded. */
export const REQUEST_DEPTH_MAX = 32;

/** Problems listed in one answer. */
const PROBLEMS_MAX = 20;

/** Characters of a wrong value that a message repeats. */
const SHOWN_MAX = 100;

type Issue = z.core.$ZodIssue;

/** Checks a request against its schema. Throws ApiError `invalid_request` that lists each problem where it is. */
export const parseRequest = <Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> => {
  if (!isShallow(input))
    throw invalidAt('', `The request is nested more than ${REQUEST_DEPTH_MAX} levels deep.`);
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw invalidRequest(
    result.error.issues
      .flatMap((issue) => explain(issue, [], input, knownKeys(schema)))
      .slice(0, PROBLEMS_MAX),
  );
};

/** Whether the value is nested at most REQUEST_DEPTH_MAX levels. Without recursion, for any depth. */
const isShallow = (input: unknown): boolean => {
  let level: unknown[] = [input];
  for (let depth = 0; depth <= REQUEST_DEPTH_MAX; depth++) {
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
    if (level.length === 0) return true;
  }
  return false;
};

/** Names that the outermost object of a request may have, for suggestions. */
const knownKeys = (schema: z.ZodType): string[] => {
  const { shape, options } = schema as { readonly shape?: object; readonly options?: readonly z.ZodType[] };
  return [...Object.keys(shape ?? {}), ...(options ?? []).flatMap(knownKeys)];
};

const explain = (
  issue: Issue,
  base: readonly PropertyKey[],
  input: unknown,
  known: readonly string[] = [],
): RequestProblem[] => {
  const path = [...base, ...issue.path];
  const at = path.map(String).join('.');
  if (issue.code === 'invalid_union') return explainUnion(issue, path, input);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: at,
      message: `"${key}" is not known here.${didYouMean(key, at === '' ? known : [])} /api/docs shows what is.`,
    }));
  }
  if (issue.code === 'invalid_value') {
    return [{ path: at, message: choiceMessage(valueAt(input, path), issue.values.map(String)) }];
  }
  if (issue.code === 'invalid_type' && valueAt(input, path) === undefined) {
    return [{ path: at, message: `is missing. It takes ${article(issue.expected)}.` }];
  }
  if (issue.code === 'invalid_type') {
    const shown = (JSON.stringify(valueAt(input, path)) ?? '').slice(0, SHOWN_MAX);
    return [{ path: at, message: `${shown} is not ${article(issue.expected)}.` }];
  }
  if (issue.code === 'too_small' || issue.code === 'too_big')
    return [{ path: at, message: boundMessage(issue) }];
  return [{ path: at, message: sentence(issue.message.replace(/^Invalid input: /u, '')) }];
};

const sentence = (words: string): string => (/[.!?]$/u.test(words) ? words : `${words}.`);

type BoundIssue = Extract<Issue, { code: 'too_small' | 'too_big' }>;

const boundMessage = (issue: BoundIssue): string => {
  const { origin, inclusive = true } = issue;
  const [relation, bound] =
    issue.code === 'too_small'
      ? [inclusive ? 'at least' : 'more than', issue.minimum]
      : [inclusive ? 'at most' : 'less than', issue.maximum];
  const count = Number(bound).toLocaleString('en');
  if (origin === 'string') return `must have ${relation} ${count} character${count === '1' ? '' : 's'}.`;
  if (origin === 'array') return `must have ${relation} ${count} ${count === '1' ? 'entry' : 'entries'}.`;
  return `must be ${relation} ${count}.`;
};

type UnionIssue = Extract<Issue, { code: 'invalid_union' }>;

/** Of several alternatives, tells of the one that was most likely meant: where reading got deepest, with the fewest problems. */
const explainUnion = (issue: UnionIssue, path: readonly PropertyKey[], input: unknown): RequestProblem[] => {
  const at = path.map(String).join('.');
  const { options } = issue as { options?: readonly unknown[] };
  if (issue.errors.length === 0) {
    const value = valueAt(input, path);
    return [{ path: at, message: choiceMessage(value, (options ?? []).map(String)) }];
  }
  const types = issue.errors.map(([only, ...rest]) =>
    only?.code === 'invalid_type' && only.path.length === 0 && rest.length === 0 ? only.expected : undefined,
  );
  if (types.every((type) => type !== undefined)) {
    const missing =
      valueAt(input, path) === undefined ? 'is missing. It takes' : 'has the wrong type. It takes';
    return [{ path: at, message: `${missing} ${[...new Set(types.map(article))].join(' or ')}.` }];
  }
  const branches = issue.errors.map((errors) => errors.flatMap((inner) => explain(inner, path, input)));
  const depth = (problems: readonly RequestProblem[]) =>
    Math.max(...problems.map(({ path: p }) => p.split('.').length));
  return branches.reduce((best, branch) => {
    const deeper = depth(branch) - depth(best);
    return deeper > 0 || (deeper === 0 && branch.length < best.length) ? branch : best;
  });
};

const choiceMessage = (value: unknown, choices: readonly string[]): string => {
  const list = choices.join(', ');
  if (value === undefined) return `is missing. It takes ${choices.length === 1 ? list : `one of ${list}`}.`;
  const hint = typeof value === 'string' ? didYouMean(value, choices) : '';
  const shown = JSON.stringify(value).slice(0, SHOWN_MAX);
  return `${shown} is not understood. ${choices.length === 1 ? `It takes ${list}` : `Use one of ${list}`}.${hint}`;
};

const article = (type: string): string => (/^[aeiou]/u.test(type) ? `an ${type}` : `a ${type}`);

const valueAt = (input: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    input,
  );
