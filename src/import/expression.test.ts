import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import { compileExpression, FUNCTIONS } from './evaluate.ts';
import { ExpressionError, formatExpression, parseExpression } from './expression.ts';
import { tableColumns } from './read-csv.ts';
import type { SourceRow } from './row.ts';
import { RowError, textOf, type Value } from './value.ts';

const NAMES = ['Quantity', 'UnitPrice', 'Unit Price', 'Country', 'empty', 'a`b', 'größe', 'and'];
const columns = tableColumns(NAMES, true);
const rowOf = (...cells: Value[]): SourceRow => ({ number: 1, line: 2, text: '', problem: undefined, cells });
const ROW = rowOf('6', '2.55', '3.5', ' France ', '', 'tick', '7', 'yes');

const value = (source: string, row = ROW): Value =>
  compileExpression(parseExpression(source), source, columns)(row);
const shown = (source: string, row = ROW): string | null => {
  const result = value(source, row);
  return result === null ? null : textOf(result);
};

test('precedence and associativity', () => {
  const cases: [string, string][] = [
    ['1+2*3', '(1 + (2 * 3))'],
    ['(1+2)*3', '((1 + 2) * 3)'],
    ['1-2-3', '((1 - 2) - 3)'],
    ['8/4/2', '((8 / 4) / 2)'],
    ['-a*b', '((- `a`) * `b`)'],
    ['- - 2', '(- (- 2))'],
    ['a - -b', '(`a` - (- `b`))'],
    ['not a = 1 and b or c', '(((not (`a` = 1)) and `b`) or `c`)'],
    ['a < 1 + 2', '(`a` < (1 + 2))'],
    ['a == 1', '(`a` = 1)'],
    ['a <> 1', '(`a` != 1)'],
    ["CONCAT(a, 'x''y', \"z\")", "concat(`a`, 'x''y', 'z')"],
    ['`odd name`.5', ''],
    ['geo.country', '`geo.country`'],
    ['`a``b`', '`a``b`'],
    ['1e3 + .5', '(1000 + 0.5)'],
    ['Größe', '`Größe`'],
  ];
  for (const [source, expected] of cases) {
    if (expected === '') assert.throws(() => parseExpression(source), ExpressionError);
    else assert.equal(formatExpression(parseExpression(source)), expected, source);
  }
});

test('values', () => {
  const cases: [string, string | null][] = [
    ['Quantity*UnitPrice', '15.3'],
    ['Quantity * `Unit Price` - 1', '20'],
    ['0.1+0.2', '0.3'],
    ['10/4', '2.5'],
    ['-Quantity', '-6'],
    ['Quantity*empty', null],
    ['coalesce(empty, UnitPrice)', '2.55'],
    ['coalesce(empty, null)', null],
    ["concat(trim(Country), '/', Quantity, empty)", 'France/6'],
    ['lower(Country)', ' france '],
    ["upper('straße')", 'STRASSE'],
    ["replace(UnitPrice, '.', ',')", '2,55'],
    ["number(replace('1,5', ',', '.')) * 2", '3'],
    ['round(2.345, 2)', '2.35'],
    ['round(UnitPrice)', '3'],
    ['abs(1-3)', '2'],
    ["if(Quantity > 5, 'many', 'few')", 'many'],
    ["if(Quantity > 10, 'many')", null],
    ["if(not (Quantity > 10) and trim(Country) = 'France', 1, 0)", '1'],
    ["if('10' > '9', 'number', 'text')", 'number'],
    ["if('a' < 'b', 1, 0)", '1'],
    ['if(empty = null, 1, 0)', '1'],
    ['if(empty < 5, 1, 0)', '0'],
    ['if(empty != 5, 1, 0)', '1'],
    ['text(007)', '7'],
    ['`a``b`', 'tick'],
    ['größe', '7'],
    ['`and`', 'yes'],
    ['true', 'true'],
    ["'it''s'", "it's"],
  ];
  for (const [source, expected] of cases) assert.equal(shown(source), expected, source);
});

test('what is wrong with an expression is shown at its place', () => {
  const cases: [string, number, RegExp][] = [
    ['Quantiy*2', 0, /no column "Quantiy"\. Did you mean "Quantity"/u],
    ['2*Prise', 2, /no column "Prise"/u],
    ['Quantity*', 9, /Unexpected end: a column, a number/u],
    ['(1+2', 4, /"\)" is expected/u],
    ['1 2', 2, /operator is expected/u],
    ['1+)', 2, /Unexpected "\)"/u],
    ["concat('a", 7, /not closed/u],
    ['`open', 0, /not closed/u],
    ['summ(1)', 0, /no function "summ".*Functions:/u],
    ['round()', 0, /round is used as/u],
    ['if(1)', 0, /if is used as/u],
    ['a # b', 2, /Unexpected character "#"/u],
    ['1 + and', 4, /backticks/u],
    ['', 0, /missing/u],
    ['('.repeat(200), 100, /nested too deeply/u],
    ['9'.repeat(500), 0, /too long/u],
    ['1+'.repeat(3000), 4000, /at most 4000/u],
  ];
  for (const [source, at, message] of cases) {
    assert.throws(
      () => value(source),
      (error) => {
        assert.ok(error instanceof ExpressionError, `${source}: ${String(error)}`);
        assert.match(error.message, message, source);
        assert.equal(error.at, at, source);
        return true;
      },
    );
  }
});

test('the message has a caret under the place', () => {
  assert.throws(() => value('Quantity*Unitprise'), /\n {2}Quantity\*Unitprise\n {2} {9}\^$/u);
});

test('rows that an expression does not fit are said so', () => {
  const cases: [string, SourceRow, RegExp][] = [
    ['Quantity*2', rowOf('six'), /"six" is not a number/u],
    ['1/Quantity', rowOf('0'), /division by zero/u],
    ['Quantity and true', rowOf('6'), /neither true nor false/u],
    ['round(1, Quantity)', rowOf('x'), /whole number/u],
    [`Quantity${'*Quantity'.repeat(20)}`, rowOf('9'.repeat(300)), /too many digits/u],
  ];
  for (const [source, row, message] of cases) {
    assert.throws(
      () => value(source, row),
      (error) => error instanceof RowError && message.test(error.message),
      source,
    );
  }
});

const expressions = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 5 },
    fc.integer({ min: 0, max: 1000 }).map(String),
    fc.tuple(fc.nat(999), fc.nat(99)).map(([a, b]) => `${a}.${b}`),
    fc.constantFrom('Quantity', 'UnitPrice', '`Unit Price`'),
    fc
      .tuple(tie('node'), fc.constantFrom('+', '-', '*'), tie('node'))
      .map(([a, operator, b]) => `(${a} ${operator} ${b})`),
    tie('node').map((a) => `-${a}`),
  ),
})).node;

test('property: arithmetic agrees with rational numbers', () => {
  const exact = (source: string): bigint => {
    // The same expression over integers of a thousandth, each multiplication scaled back, is not exact; a rational is.
    const scale = 10n ** 60n;
    const expression = parseExpression(source);
    const evaluate = (node: typeof expression): bigint => {
      if (node.kind === 'constant') return toScaled(textOf(node.value), scale);
      if (node.kind === 'column') return toScaled(textOf(columns.bind(node.name)?.(ROW) ?? '0'), scale);
      if (node.kind === 'unary') return -evaluate(node.operand);
      assert.ok(node.kind === 'binary');
      const [a, b] = [evaluate(node.left), evaluate(node.right)];
      return node.operator === '+' ? a + b : node.operator === '-' ? a - b : (a * b) / scale;
    };
    return evaluate(expression);
  };
  fc.assert(
    fc.property(expressions, (source) => {
      assert.equal(toScaled(shown(source) ?? '', 10n ** 60n), exact(source), source);
    }),
    { numRuns: 500 },
  );
});

const toScaled = (text: string, scale: bigint): bigint => {
  const negative = text.startsWith('-');
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
  const scaled = BigInt(whole) * scale + (BigInt(fraction || '0') * scale) / 10n ** BigInt(fraction.length);
  return negative ? -scaled : scaled;
};

test('property: an expression printed and parsed again is the same', () => {
  fc.assert(
    fc.property(expressions, (source) => {
      const printed = formatExpression(parseExpression(source));
      assert.equal(formatExpression(parseExpression(printed)), printed);
    }),
  );
});

test('property: no text makes the parser do anything but parse or refuse', () => {
  const tokens = fc.array(
    fc.constantFrom(
      'a',
      '1',
      '+',
      '-',
      '*',
      '/',
      '(',
      ')',
      ',',
      '`',
      "'",
      '"',
      ' ',
      'not ',
      'and ',
      '<',
      '=',
      '!=',
      'if(',
      '.',
      '\u0000',
      '😀',
    ),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        tokens.map((list) => list.join('')),
      ),
      (source) => {
        try {
          parseExpression(source);
        } catch (error) {
          assert.ok(error instanceof ExpressionError, String(error));
          assert.ok(error.at >= 0 && error.at <= source.length);
        }
      },
    ),
    { numRuns: 2_000 },
  );
});

test('every function says how it is used', () => {
  for (const [name, { usage }] of Object.entries(FUNCTIONS)) assert.ok(usage.startsWith(`${name}(`), name);
});
