import type { SqlErrorDetails } from '../../../src/contract/sql.ts';

/** A part of a text; `to` is exclusive. */
export interface Part {
  readonly from: number;
  readonly to: number;
}

/** What is run: the selected part, or all of it. Positions that the server tells count from its begin. */
export interface Asked {
  readonly text: string;
  /** Where it begins in the editor. */
  readonly offset: number;
}

/** The statement to run: what is selected, unless that is blank. */
export const askedOf = (text: string, { from, to }: Part): Asked => {
  const selected = text.slice(from, to);
  return selected.trim() === '' ? { text, offset: 0 } : { text: selected, offset: from };
};

/** Texts, names in quotes and comments: nothing in them is a parameter. */
const TOKEN = /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`|--[^\n]*|\/\*[\s\S]*?\*\//g;
const PARAMETER = /\{\s*([A-Za-z_]\w{0,63})\s*:\s*([^{}]{1,200}?)\s*\}/g;

/** The statement without what is in quotes and comments; every character keeps its place. */
export const bareText = (sql: string): string =>
  sql.replaceAll(TOKEN, (token) => token.replaceAll(/[^\n]/g, ' '));

/** A parameter of a statement: `{name:Type}`. */
export interface Parameter {
  readonly name: string;
  readonly type: string;
}

/** The parameters of a statement, each once, in their order. */
export const parametersOf = (sql: string): readonly Parameter[] => {
  const found = new Map<string, Parameter>();
  for (const [, name = '', type = ''] of bareText(sql).matchAll(PARAMETER))
    if (!found.has(name)) found.set(name, { name, type });
  return [...found.values()];
};

const isList = (type: string): boolean => /^array\b/i.test(type);

/** What was typed for a parameter, as it is sent. Lists are JSON, or values with commas between; everything else is text, which the server reads by its type. */
export const parameterValue = (
  type: string,
  typed: string,
): string | (string | number | boolean | null)[] => {
  if (!isList(type)) return typed;
  const text = typed.trim();
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list)) return list.map((each) => (isScalar(each) ? each : JSON.stringify(each)));
  } catch {
    // Not JSON: see below.
  }
  if (text === '') return [];
  const numeric = /\b(?:u?int|float|decimal)/i.test(type);
  return text.split(',').map((each) => (numeric ? Number(each.trim()) : each.trim()));
};

const isScalar = (value: unknown): value is string | number | boolean | null =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value);

const isDetails = (details: unknown): details is SqlErrorDetails =>
  typeof details === 'object' && details !== null && 'line' in details && 'excerpt' in details;

/** What is wrong with a statement. */
export interface Fault {
  readonly message: string;
  /** In the text of the editor; undefined where the server does not say. */
  readonly at: Part | undefined;
  /** What may have been meant in the place of `at`. */
  readonly suggestions: readonly string[];
}

const PREFIX = /^Line \d+, column \d+: /;

const lineStart = (text: string, line: number): number => {
  let start = 0;
  for (let passed = 1; passed < line; passed += 1) {
    const next = text.indexOf('\n', start);
    if (next < 0) return text.length;
    start = next + 1;
  }
  return start;
};

/** The fault of an error answer, its place counted in the editor's text. */
export const faultOf = (message: string, details: unknown, asked: Asked): Fault => {
  if (!isDetails(details) || details.line === null || details.column === null)
    return { message, at: undefined, suggestions: [] };
  const start = Math.min(lineStart(asked.text, details.line) + details.column - 1, asked.text.length);
  const width = /\^+$/.exec(details.excerpt ?? '')?.[0].length ?? 1;
  const from = asked.offset + start;
  return {
    message: message.replace(PREFIX, ''),
    at: { from, to: Math.min(from + width, asked.offset + asked.text.length) },
    suggestions: details.suggestions,
  };
};

/** Line and column of a place, from 1. */
export const placeOf = (text: string, at: number): { readonly line: number; readonly column: number } => {
  const before = text.slice(0, at);
  return { line: before.split('\n').length, column: at - (before.lastIndexOf('\n') + 1) + 1 };
};
