import { type Decimal, formatDecimal, parseDecimal } from '../lib/decimal.ts';

/**
 * The right side of a mapping, `value=Quantity*UnitPrice`: a lexer and a Pratt parser (after Vaughan Pratt, "Top down operator precedence", 1973) that make a
 * tree. `evaluate.ts` turns the tree into a function of a row. The language is described in `docs/import.md`.
 */

/** A parsed expression. `at` is the offset in the source of what a message about the node should point at. */
export type Expression =
  | { readonly kind: 'constant'; readonly value: Decimal | string | boolean | null; readonly at: number }
  | { readonly kind: 'column'; readonly name: string; readonly at: number }
  | {
      readonly kind: 'unary';
      readonly operator: UnaryOperator;
      readonly operand: Expression;
      readonly at: number;
    }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly at: number;
    }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly operands: readonly Expression[];
      readonly at: number;
    };

/** Operators before an operand. */
export type UnaryOperator = '-' | 'not';
/** Operators between operands. */
export type BinaryOperator = '+' | '-' | '*' | '/' | '=' | '!=' | '<' | '<=' | '>' | '>=' | 'and' | 'or';

/** An expression that cannot be understood. The message shows the source and a caret under the place. */
export class ExpressionError extends Error {
  /** What is wrong, without the source. */
  readonly reason: string;
  readonly at: number;
  constructor(source: string, at: number, reason: string) {
    super(`${reason}\n${pointAt(source, at)}`);
    this.name = 'ExpressionError';
    this.reason = reason;
    this.at = at;
  }
}

/** The source with a caret under `at`, indented. Long sources are cut around the place. */
export const pointAt = (source: string, at: number): string => {
  const start = Math.max(0, at - SHOWN_AROUND);
  const shown = source.slice(start, at + SHOWN_AROUND).replace(/\s/gu, ' ');
  return `  ${shown}\n  ${' '.repeat(at - start)}^`;
};

const SHOWN_AROUND = 60;

/** Longest source of an expression, characters. */
export const EXPRESSION_LENGTH_MAX = 4_000;

/** Deepest nesting of parentheses, calls and unary operators. */
const DEPTH_MAX = 100;

type TokenKind = 'number' | 'text' | 'name' | 'quoted' | 'symbol' | 'end';
interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly at: number;
}

/** How strongly an operator binds; all are left associative. */
const BINDING: Readonly<Record<BinaryOperator, number>> = {
  or: 1,
  and: 2,
  '=': 4,
  '!=': 4,
  '<': 4,
  '<=': 4,
  '>': 4,
  '>=': 4,
  '+': 5,
  '-': 5,
  '*': 6,
  '/': 6,
};
const BINDING_OF_NOT = 3;
const BINDING_OF_MINUS = 7;

const isBinaryOperator = (text: string): text is BinaryOperator => Object.hasOwn(BINDING, text);

const SPACE = /\s+/uy;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/uy;
const NAME = /[\p{L}_$@][\p{L}\p{N}\p{M}_$@.]*/uy;
const SYMBOL = /!=|<>|<=|>=|==|[-+*/()=<>,]/uy;

const matchAt = (pattern: RegExp, source: string, at: number): string | undefined => {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
};

const tokensOf = (source: string): Token[] => {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const space = matchAt(SPACE, source, at);
    if (space !== undefined) at += space.length;
    if (at >= source.length) break;
    const { token, end } = tokenAt(source, at);
    tokens.push(token);
    at = end;
  }
  tokens.push({ kind: 'end', text: '', at: source.length });
  return tokens;
};

const tokenAt = (source: string, at: number): { token: Token; end: number } => {
  const character = source.charAt(at);
  if (character === '`' || character === "'" || character === '"') return quotedAt(source, at, character);
  for (const [kind, pattern] of [
    ['number', NUMBER],
    ['name', NAME],
    ['symbol', SYMBOL],
  ] as const) {
    const text = matchAt(pattern, source, at);
    if (text !== undefined) return { token: { kind, text, at }, end: at + text.length };
  }
  throw new ExpressionError(
    source,
    at,
    `Unexpected character ${JSON.stringify(character)}. Put odd column names in backticks.`,
  );
};

/** A quoted piece; the quote is written inside by doubling it. Backticks quote column names, ' and " text. */
const quotedAt = (source: string, at: number, quote: string): { token: Token; end: number } => {
  let text = '';
  let from = at + 1;
  for (;;) {
    const to = source.indexOf(quote, from);
    if (to < 0) throw new ExpressionError(source, at, `This ${quote} is not closed.`);
    text += source.slice(from, to);
    if (source.charAt(to + 1) !== quote) {
      return { token: { kind: quote === '`' ? 'quoted' : 'text', text, at }, end: to + 1 };
    }
    text += quote;
    from = to + 2;
  }
};

class Parser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokensOf(source);
  }

  parse(): Expression {
    const expression = this.#expression(0);
    const token = this.#peek();
    if (token.kind !== 'end')
      this.#fail(token, `Unexpected ${describe(token)}: an operator is expected here.`);
    return expression;
  }

  #expression(bindingMin: number): Expression {
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) this.#fail(this.#peek(), 'The expression is nested too deeply.');
    let left = this.#prefix();
    for (;;) {
      const token = this.#peek();
      const operator = operatorOf(token);
      if (operator === undefined || BINDING[operator] <= bindingMin) break;
      this.#next += 1;
      const right = this.#expression(BINDING[operator]);
      left = { kind: 'binary', operator, left, right, at: token.at };
    }
    this.#depth -= 1;
    return left;
  }

  #prefix(): Expression {
    const token = this.#take();
    const { at, text } = token;
    if (token.kind === 'number') return this.#number(token);
    if (token.kind === 'text') return { kind: 'constant', value: text, at };
    if (token.kind === 'quoted') return { kind: 'column', name: text, at };
    if (token.kind === 'name') return this.#named(token);
    if (text === '(') return this.#parenthesised();
    if (text === '-')
      return { kind: 'unary', operator: '-', operand: this.#expression(BINDING_OF_MINUS), at };
    if (text === '+') return this.#expression(BINDING_OF_MINUS);
    return this.#fail(
      token,
      `Unexpected ${describe(token)}: a column, a number, a 'text' or a function is expected here.`,
    );
  }

  #number(token: Token): Expression {
    const value = parseDecimal(token.text);
    if (value === undefined) return this.#fail(token, 'This number is too long.');
    return { kind: 'constant', value, at: token.at };
  }

  #named(token: Token): Expression {
    const { text, at } = token;
    const word = text.toLowerCase();
    const next = this.#peek();
    if (word === 'not')
      return { kind: 'unary', operator: 'not', operand: this.#expression(BINDING_OF_NOT), at };
    if (next.kind === 'symbol' && next.text === '(') return this.#call(word, at);
    if (word === 'null') return { kind: 'constant', value: null, at };
    if (word === 'true' || word === 'false') return { kind: 'constant', value: word === 'true', at };
    if (operatorOf(token) !== undefined) {
      return this.#fail(token, `Unexpected "${text}". If it is the name of a column, put it in backticks.`);
    }
    return { kind: 'column', name: text, at };
  }

  #parenthesised(): Expression {
    const expression = this.#expression(0);
    this.#expect(')');
    return expression;
  }

  #call(name: string, at: number): Expression {
    this.#expect('(');
    const operands: Expression[] = [];
    if (!this.#accept(')')) {
      do operands.push(this.#expression(0));
      while (this.#accept(','));
      this.#expect(')');
    }
    return { kind: 'call', name, operands, at };
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: '', at: this.#source.length };
  }

  #take(): Token {
    const token = this.#peek();
    this.#next += 1;
    return token;
  }

  #accept(symbol: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'symbol' || token.text !== symbol) return false;
    this.#next += 1;
    return true;
  }

  #expect(symbol: string): void {
    const token = this.#peek();
    if (!this.#accept(symbol))
      this.#fail(token, `Unexpected ${describe(token)}: "${symbol}" is expected here.`);
  }

  #fail(token: Token, reason: string): never {
    throw new ExpressionError(this.#source, token.at, reason);
  }
}

const operatorOf = (token: Token): BinaryOperator | undefined => {
  if (token.kind === 'symbol') {
    const text = token.text === '==' ? '=' : token.text === '<>' ? '!=' : token.text;
    return isBinaryOperator(text) ? text : undefined;
  }
  const word = token.kind === 'name' ? token.text.toLowerCase() : '';
  return word === 'and' || word === 'or' ? word : undefined;
};

const describe = (token: Token): string => (token.kind === 'end' ? 'end' : JSON.stringify(token.text));

/**
 * Parses an expression. Throws ExpressionError.
 *
 * @example parseExpression('Quantity * `Unit Price`')
 */
export const parseExpression = (source: string): Expression => {
  if (source.trim() === '') throw new ExpressionError(source, 0, 'An expression is missing.');
  if (source.length > EXPRESSION_LENGTH_MAX) {
    throw new ExpressionError(
      source,
      EXPRESSION_LENGTH_MAX,
      `An expression has at most ${EXPRESSION_LENGTH_MAX} characters.`,
    );
  }
  return new Parser(source).parse();
};

/** The expression in full parentheses, as the parser understood it: for tests and messages. */
export const formatExpression = (expression: Expression): string => {
  switch (expression.kind) {
    case 'constant':
      return formatConstant(expression.value);
    case 'column':
      return `\`${expression.name.replaceAll('`', '``')}\``;
    case 'unary':
      return `(${expression.operator} ${formatExpression(expression.operand)})`;
    case 'binary':
      return `(${formatExpression(expression.left)} ${expression.operator} ${formatExpression(expression.right)})`;
    default:
      return `${expression.name}(${expression.operands.map(formatExpression).join(', ')})`;
  }
};

const formatConstant = (value: Decimal | string | boolean | null): string => {
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  return typeof value === 'object' && value !== null ? formatDecimal(value) : String(value);
};
