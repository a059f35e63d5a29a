import { QUERY_LIMITS } from '../contract/question.ts';
import { SERIES_LETTERS } from '../contract/trend.ts';
import { invalidAt } from '../http/request-problem.ts';

/**
 * Arithmetic over series, read and computed here: no part of it reaches the warehouse.
 *
 *     sum     = product (("+" | "-") product)*
 *     product = factor (("*" | "/") factor)*
 *     factor  = "-" factor | number | letter | "(" sum ")"
 *     number  = digits ["." digits]
 *
 * A result is null where a number that it needs is null, and where it divides by zero.
 */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'series'; readonly letter: string }
  | { readonly kind: 'negative'; readonly of: Expression }
  | {
      readonly kind: 'operation';
      readonly operator: Operator;
      readonly left: Expression;
      readonly right: Expression;
    };

type Operator = '+' | '-' | '*' | '/';

interface Token {
  readonly text: string;
  /** Characters before it, counted from 1. */
  readonly at: number;
}

const TOKEN = /\s*(\d+(?:\.\d+)?|[A-Za-z]+|[-+*/()])/uy;

const LETTERS: ReadonlySet<string> = new Set(SERIES_LETTERS);

/** Reads a formula; `path` is where in the request it stands. Throws ApiError `invalid_request` that says at which character it is wrong. */
export const parseFormula = (text: string, path: string): Expression =>
  new FormulaParser(tokensOf(text, path), text.length, path).whole();

const tokensOf = (text: string, path: string): Token[] => {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== '') {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw unexpected(text.slice(from).trimStart().charAt(0), path, skipSpace(text, from));
    const [, token = ''] = match;
    tokens.push({ text: token, at: TOKEN.lastIndex - token.length + 1 });
  }
  return tokens;
};

const skipSpace = (text: string, from: number): number =>
  from + text.slice(from).length - text.slice(from).trimStart().length + 1;

const unexpected = (text: string, path: string, at: number) =>
  invalidAt(
    path,
    `${JSON.stringify(text)} at character ${at} is not understood. A formula has letters of series (A to J), numbers, + - * / and parentheses: "100 * A / (A + B)".`,
  );

class FormulaParser {
  readonly #tokens: readonly Token[];
  readonly #length: number;
  readonly #path: string;
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], length: number, path: string) {
    this.#tokens = tokens;
    this.#length = length;
    this.#path = path;
  }

  whole(): Expression {
    const expression = this.#sum();
    const rest = this.#tokens[this.#next];
    if (rest !== undefined) throw unexpected(rest.text, this.#path, rest.at);
    return expression;
  }

  #take(...texts: readonly string[]): string | undefined {
    const token = this.#tokens[this.#next];
    if (token === undefined || !texts.includes(token.text)) return undefined;
    this.#next += 1;
    return token.text;
  }

  #sum(): Expression {
    let left = this.#product();
    for (;;) {
      const operator = this.#take('+', '-') as Operator | undefined;
      if (operator === undefined) return left;
      left = { kind: 'operation', operator, left, right: this.#product() };
    }
  }

  #product(): Expression {
    let left = this.#factor();
    for (;;) {
      const operator = this.#take('*', '/') as Operator | undefined;
      if (operator === undefined) return left;
      left = { kind: 'operation', operator, left, right: this.#factor() };
    }
  }

  #factor(): Expression {
    if (this.#depth >= QUERY_LIMITS.formulaDepthMax)
      throw invalidAt(this.#path, `is nested deeper than ${QUERY_LIMITS.formulaDepthMax} levels.`);
    this.#depth += 1;
    const expression = this.#factorWithin();
    this.#depth -= 1;
    return expression;
  }

  #factorWithin(): Expression {
    if (this.#take('-') !== undefined) return { kind: 'negative', of: this.#factor() };
    if (this.#take('(') !== undefined) {
      const inner = this.#sum();
      if (this.#take(')') === undefined) throw this.#missing('")"');
      return inner;
    }
    const token = this.#tokens[this.#next];
    if (token === undefined) throw this.#missing('a number, a letter or "("');
    if (/^\d/u.test(token.text)) {
      this.#next += 1;
      return { kind: 'number', value: Number(token.text) };
    }
    if (!LETTERS.has(token.text)) throw unexpected(token.text, this.#path, token.at);
    this.#next += 1;
    return { kind: 'series', letter: token.text };
  }

  #missing(what: string) {
    const token = this.#tokens[this.#next];
    return invalidAt(this.#path, `${what} is missing at character ${token?.at ?? this.#length + 1}.`);
  }
}

/** The letters that a formula names, each once. */
export const lettersOf = (expression: Expression): string[] => {
  switch (expression.kind) {
    case 'number':
      return [];
    case 'series':
      return [expression.letter];
    case 'negative':
      return lettersOf(expression.of);
    case 'operation':
      return [...new Set([...lettersOf(expression.left), ...lettersOf(expression.right)])];
  }
};

/** The value of a formula; `valueOf` gives that of a letter. */
export const evaluateFormula = (
  expression: Expression,
  valueOf: (letter: string) => number | null,
): number | null => {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'series':
      return valueOf(expression.letter);
    case 'negative': {
      const value = evaluateFormula(expression.of, valueOf);
      return value === null ? null : 0 - value;
    }
    case 'operation':
      return operate(
        expression.operator,
        evaluateFormula(expression.left, valueOf),
        evaluateFormula(expression.right, valueOf),
      );
  }
};

const operate = (operator: Operator, left: number | null, right: number | null): number | null => {
  if (left === null || right === null) return null;
  const result = { '+': left + right, '-': left - right, '*': left * right, '/': left / right }[operator];
  return Number.isFinite(result) ? result : null;
};
