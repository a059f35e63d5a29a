import {
  addDecimals,
  compareDecimals,
  type Decimal,
  divideDecimals,
  isWithinDigits,
  multiplyDecimals,
  negateDecimal,
  parseDecimal,
  roundDecimal,
  subtractDecimals,
} from '../lib/decimal.ts';
import { didYouMean } from '../lib/nearest.ts';
import { type BinaryOperator, type Expression, ExpressionError } from './expression.ts';
import type { Columns, SourceRow } from './row.ts';
import { isDecimal, numberOf, quoteValue, RowError, textOf, type Value } from './value.ts';

/** An expression made ready: its value for a row. Throws RowError when the row does not fit it. */
export type Evaluate = (row: SourceRow) => Value;

/**
 * Turns a parsed expression into a function of a row. Throws ExpressionError, pointing into `source`, for a column or a function
 * that does not exist.
 */
export const compileExpression = (expression: Expression, source: string, columns: Columns): Evaluate => {
  const compile = (node: Expression): Evaluate => {
    switch (node.kind) {
      case 'constant':
        return () => node.value;
      case 'column':
        return bindColumn(node.name, node.at, source, columns);
      case 'unary':
        return node.operator === '-' ? negation(compile(node.operand)) : inversion(compile(node.operand));
      case 'binary':
        return binary(node.operator, compile(node.left), compile(node.right));
      default:
        return call(node.name, node.operands.map(compile), node.at, source);
    }
  };
  return compile(expression);
};

const COLUMNS_SHOWN_MAX = 30;

const bindColumn = (name: string, at: number, source: string, columns: Columns): Evaluate => {
  const bound = columns.bind(name);
  if (bound === undefined) {
    throw new ExpressionError(
      source,
      at,
      `There is no column "${name}".${didYouMean(name, columns.names)}${listOf(columns)}`,
    );
  }
  return bound;
};

const listOf = (columns: Columns): string => {
  if (columns.names.length === 0) return '';
  const shown = columns.names.slice(0, COLUMNS_SHOWN_MAX).join(', ');
  const more = columns.names.length > COLUMNS_SHOWN_MAX ? ', …' : '';
  return ` Columns: ${shown}${more}.${columns.fixed ? '' : ' A column that only later rows have is accepted with --sparse.'}`;
};

const negation =
  (operand: Evaluate): Evaluate =>
  (row) => {
    const number = numberOf(operand(row));
    return number === null ? null : negateDecimal(number);
  };

const inversion =
  (operand: Evaluate): Evaluate =>
  (row) =>
    !truthOf(operand(row));

/** Conditions are true, false or null (false); text and numbers are not conditions. */
const truthOf = (value: Value): boolean => {
  if (value === null || value === false) return false;
  if (value === true) return true;
  if (value === 'true' || value === 'false') return value === 'true';
  throw new RowError('invalid_field', `${quoteValue(value)} is neither true nor false`);
};

const binary = (operator: BinaryOperator, left: Evaluate, right: Evaluate): Evaluate => {
  switch (operator) {
    case '+':
      return arithmetic(left, right, addDecimals);
    case '-':
      return arithmetic(left, right, subtractDecimals);
    case '*':
      return arithmetic(left, right, multiplyDecimals);
    case '/':
      return arithmetic(left, right, quotient);
    case 'and':
      return (row) => truthOf(left(row)) && truthOf(right(row));
    case 'or':
      return (row) => truthOf(left(row)) || truthOf(right(row));
    default:
      return comparison(operator, left, right);
  }
};

const quotient = (a: Decimal, b: Decimal): Decimal => {
  const result = divideDecimals(a, b);
  if (result === undefined) throw new RowError('invalid_number', 'division by zero');
  return result;
};

/** Null with anything is null, as in SQL. */
const arithmetic =
  (left: Evaluate, right: Evaluate, operation: (a: Decimal, b: Decimal) => Decimal): Evaluate =>
  (row) => {
    const a = numberOf(left(row));
    const b = numberOf(right(row));
    if (a === null || b === null) return null;
    const result = operation(a, b);
    if (!isWithinDigits(result)) throw new RowError('invalid_number', 'the result has too many digits');
    return result;
  };

type Comparison = Exclude<BinaryOperator, '+' | '-' | '*' | '/' | 'and' | 'or'>;

const HOLDS: Readonly<Record<Comparison, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/** Numbers compare as numbers, also when they are text; anything else as text. Null equals only null and is neither less nor greater. */
const comparison = (operator: Comparison, left: Evaluate, right: Evaluate): Evaluate => {
  const holds = HOLDS[operator];
  return (row) => {
    const a = left(row);
    const b = right(row);
    if (a === null || b === null) return operator === '=' ? a === b : operator === '!=' ? a !== b : false;
    return holds(orderOf(a, b));
  };
};

const orderOf = (a: Value, b: Value): number => {
  const x = numericOf(a);
  const y = numericOf(b);
  if (x !== undefined && y !== undefined) return compareDecimals(x, y);
  const s = textOf(a);
  const t = textOf(b);
  return s < t ? -1 : s > t ? 1 : 0;
};

const numericOf = (value: Value): Decimal | undefined => {
  if (isDecimal(value)) return value;
  return typeof value === 'string' ? parseDecimal(value) : undefined;
};

interface Definition {
  readonly min: number;
  readonly max: number;
  readonly usage: string;
  readonly make: (operands: readonly Evaluate[]) => Evaluate;
}

const NOTHING: Evaluate = () => null;
const nth = (operands: readonly Evaluate[], index: number): Evaluate => operands[index] ?? NOTHING;

/** A function of one text; null stays null. */
const ofText =
  (operation: (text: string) => Value) =>
  (operands: readonly Evaluate[]): Evaluate => {
    const operand = nth(operands, 0);
    return (row) => {
      const value = operand(row);
      return value === null ? null : operation(textOf(value));
    };
  };

const coalesce =
  (operands: readonly Evaluate[]): Evaluate =>
  (row) => {
    for (const operand of operands) {
      const value = operand(row);
      if (value !== null && value !== '') return value;
    }
    return null;
  };

const replace = (operands: readonly Evaluate[]): Evaluate => {
  const [subject, from, to] = [nth(operands, 0), nth(operands, 1), nth(operands, 2)];
  return (row) => {
    const value = subject(row);
    const searched = textOf(from(row));
    return value === null || searched === ''
      ? value
      : textOf(value).replaceAll(searched, () => textOf(to(row)));
  };
};

/** `round(x, n)` is bounded to this many digits on either side. */
const ROUND_DIGITS_MAX = 100;

const round = (operands: readonly Evaluate[]): Evaluate => {
  const [subject, digits] = [nth(operands, 0), operands[1] ?? (() => '0')];
  return (row) => {
    const number = numberOf(subject(row));
    const places = Number(textOf(digits(row)));
    if (!Number.isInteger(places) || Math.abs(places) > ROUND_DIGITS_MAX) {
      throw new RowError('invalid_number', 'round: the number of digits must be a whole number');
    }
    return number === null ? null : roundDecimal(number, places);
  };
};

const choose = (operands: readonly Evaluate[]): Evaluate => {
  const [condition, then, otherwise] = [nth(operands, 0), nth(operands, 1), nth(operands, 2)];
  return (row) => (truthOf(condition(row)) ? then(row) : otherwise(row));
};

const absolute = (operands: readonly Evaluate[]): Evaluate => {
  const operand = nth(operands, 0);
  return (row) => {
    const number = numberOf(operand(row));
    return number !== null && number.units < 0n ? negateDecimal(number) : number;
  };
};

const MANY = 100;

/** The functions of the language, by name. The documentation lists exactly these (a test compares). */
export const FUNCTIONS: Readonly<Record<string, Definition>> = {
  concat: {
    min: 1,
    max: MANY,
    usage: 'concat(a, b, …)',
    make: (all) => (row) => all.map((each) => textOf(each(row))).join(''),
  },
  lower: { min: 1, max: 1, usage: 'lower(text)', make: ofText((text) => text.toLowerCase()) },
  upper: { min: 1, max: 1, usage: 'upper(text)', make: ofText((text) => text.toUpperCase()) },
  trim: { min: 1, max: 1, usage: 'trim(text)', make: ofText((text) => text.trim()) },
  replace: { min: 3, max: 3, usage: 'replace(text, searched, replacement)', make: replace },
  text: { min: 1, max: 1, usage: 'text(x)', make: ofText((text) => text) },
  number: { min: 1, max: 1, usage: 'number(x)', make: (all) => (row) => numberOf(nth(all, 0)(row)) },
  round: { min: 1, max: 2, usage: 'round(x) or round(x, digits)', make: round },
  abs: { min: 1, max: 1, usage: 'abs(x)', make: absolute },
  coalesce: { min: 1, max: MANY, usage: 'coalesce(a, b, …)', make: coalesce },
  if: { min: 2, max: 3, usage: 'if(condition, then) or if(condition, then, otherwise)', make: choose },
};

const call = (name: string, operands: readonly Evaluate[], at: number, source: string): Evaluate => {
  const definition = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (definition === undefined) {
    const known = Object.keys(FUNCTIONS);
    throw new ExpressionError(
      source,
      at,
      `There is no function "${name}".${didYouMean(name, known)} Functions: ${known.join(', ')}.`,
    );
  }
  if (operands.length < definition.min || operands.length > definition.max) {
    throw new ExpressionError(source, at, `${name} is used as ${definition.usage}.`);
  }
  return definition.make(operands);
};
