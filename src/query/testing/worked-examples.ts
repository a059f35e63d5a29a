import { readdirSync, readFileSync } from 'node:fs';
import type { TestWarehouse } from './test-warehouse.ts';

/**
 * The worked examples of docs/insights, and of other pages of their form. A page holds the events of its examples, one a line in a block marked `ndjson events`, and pairs of blocks marked `json request` and `json answer`. An
 * answer may leave out fields of the outermost object; those that it shows must be right, whole.
 */

const FOLDER = new URL('../../../docs/insights/', import.meta.url);

/** "Now" of all examples. */
export const EXAMPLES_NOW_MS = Date.UTC(2026, 10, 20, 12);

/** Numbers that pages show rounded. */
const DIGITS = 6;

/** An answer with its numbers as pages show them. */
export const rounded = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, part: unknown) =>
      typeof part === 'number' ? Number(part.toFixed(DIGITS)) : part,
    ),
  );

/** What an example shows of an answer. */
export const shownOf = (given: object, { answer }: WorkedExample): unknown =>
  rounded(Object.fromEntries(Object.entries(given).filter(([key]) => key === 'kind' || key in answer)));

/** A question with what it is answered with. */
export interface WorkedExample {
  readonly request: unknown;
  readonly answer: Readonly<Record<string, unknown>>;
}

/** The examples of a page. */
export interface ExamplePage {
  readonly name: string;
  readonly events: readonly Readonly<Record<string, unknown>>[];
  /** Definitions of metrics, in blocks marked `json metric`. */
  readonly metrics: readonly Readonly<Record<string, unknown>>[];
  readonly examples: readonly WorkedExample[];
}

const blocksOf = (page: string, mark: string): string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${mark}\\n(.*?)\`\`\``, 'gsu'))].map(([, text = '']) => text);

/** A page by its path from docs/insights. */
export const examplePage = (file: string): ExamplePage => {
  const text = readFileSync(new URL(file, FOLDER), 'utf8');
  const requests = blocksOf(text, 'json request');
  const answers = blocksOf(text, 'json answer');
  if (requests.length !== answers.length) throw new Error(`${file}: a request without answer`);
  return {
    name: file.replace(/^.*\/|\.md$/gu, ''),
    metrics: blocksOf(text, 'json metric').map((block) => JSON.parse(block) as Record<string, unknown>),
    events: blocksOf(text, 'ndjson events')
      .flatMap((block) => block.trim().split('\n'))
      .map((line) => JSON.parse(line) as Record<string, unknown>),
    examples: requests.map((request, index) => ({
      request: JSON.parse(request) as unknown,
      answer: JSON.parse(answers[index] ?? '') as Record<string, unknown>,
    })),
  };
};

/** Every page. */
export const examplePages = (): ExamplePage[] =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .sort()
    .map(examplePage);

const textOf = (value: unknown): string | number =>
  typeof value === 'number' || typeof value === 'string' ? value : JSON.stringify(value);

/** Loads the events of a page into a project of its name. */
export const loadExamples = (warehouse: TestWarehouse, page: ExamplePage, position: number): Promise<void> =>
  warehouse.load(
    'events',
    page.events.map(({ timestamp, properties = {}, context = {}, value, ...rest }, index) => ({
      id: `${page.name}-${index}`,
      project: page.name,
      time: Date.parse(String(timestamp)),
      received_at: EXAMPLES_NOW_MS,
      value: value === undefined ? null : textOf(value),
      properties: JSON.stringify(properties),
      ...Object.fromEntries(
        Object.entries({ ...rest, ...(context as object) }).map(([name, field]) => [name, textOf(field)]),
      ),
    })),
    position,
  );
