import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkResolved } from './check-resolved.ts';
import { checkSyntax } from './check-syntax.ts';
import { readSyntaxTree } from './syntax-tree.ts';
import { FUNCTION_NAMES, mayCall } from './functions.ts';
import { checkType } from './types.ts';

const REFUSED = { name: 'SqlProblem', kind: 'refused' };

const SIMPLE = [
  'SelectWithUnionQuery (children 1)',
  ' ExpressionList (children 1)',
  '  SelectQuery (children 1)',
  '   ExpressionList (children 1)',
  '    Literal UInt64_1 (alias x)',
];

test('a tree is read when indentation and counts agree, and refused otherwise', () => {
  const tree = readSyntaxTree(SIMPLE);
  assert.equal(tree.children[0]?.children[0]?.children[0]?.children[0]?.rest, 'UInt64_1 (alias x)');
  checkSyntax(tree);
  for (const lines of [
    [],
    [''],
    SIMPLE.slice(0, -1),
    [...SIMPLE, '    Literal UInt64_2'],
    [...SIMPLE, 'SelectWithUnionQuery'],
    SIMPLE.with(4, '      Literal UInt64_1'),
    SIMPLE.with(4, '    Literal UInt64_1 (alias x (children 1)'),
  ])
    assert.throws(() => readSyntaxTree(lines), REFUSED, lines.join('\n'));
});

test('a kind of node that is not known is refused', () => {
  for (const line of [
    '    Something new',
    '    Function nope',
    '    Function',
    '    Function count x',
    '    QueryParameter a:String',
    '    Identifier _part',
  ])
    assert.throws(() => checkSyntax(readSyntaxTree(SIMPLE.with(4, line))), REFUSED, line);
  assert.throws(() => checkSyntax(readSyntaxTree(['InsertQuery'])), REFUSED);
  assert.throws(
    () => checkSyntax(readSyntaxTree(['SelectWithUnionQuery (children 2)', ' ExpressionList', ' Set'])),
    REFUSED,
  );
});

test('of what is resolved, every line counts, wherever it pretends to be', () => {
  const good = [
    'QUERY id: 0',
    '  PROJECTION COLUMNS',
    '    x UInt8',
    '  PROJECTION',
    '    LIST id: 1, nodes: 1',
    '  JOIN TREE',
    '    TABLE id: 3, alias: __table1, table_name: questions.events',
  ];
  checkResolved(good, 'questions');
  assert.throws(() => checkResolved(good, 'rehearsal'), REFUSED);
  for (const line of [
    '    TABLE id: 3, alias: __table1, table_name: aevum.events',
    '    TABLE id: 3',
    '    TABLE_FUNCTION id: 3, alias: __table1, table_function_name: file',
    '    FUNCTION id: 3, function_name: file, function_type: ordinary, result_type: String',
    '    FUNCTION id: 3',
    '    SOMETHING id: 3',
    '    SETTINGS a=1',
  ]) {
    assert.throws(() => checkResolved([...good, line], 'questions'), REFUSED, line);
    if (line.includes(' id: '))
      assert.throws(() => checkResolved(good.toSpliced(3, 0, line), 'questions'), REFUSED, line);
  }
});

test('functions: those of the list, with endings if they are aggregates', () => {
  for (const name of ['count', 'COUNT', 'uniqIf', 'sumIfOrNull', 'uniqMerge', 'toStartOfHour', 'lower'])
    assert.ok(mayCall(name), name);
  for (const name of [
    'file',
    'FILE',
    'url',
    'lowerIf',

    '',
    'sumResample',
    'sleep',
    'getSetting',
    'dictGet',
    'arrayReduce',
    'countIfIfIfIf',
  ])
    assert.ok(!mayCall(name), name);
  const forbidden =
    /file|url\b|dict|sleep|setting|host|server|user|cluster|executable|remote|^get|throw|introspect|addressTo|symbol|tcp|uptime|^version|database/i;
  assert.deepEqual(
    FUNCTION_NAMES.filter((name) => forbidden.test(name)),
    [],
  );
  assert.equal(new Set(FUNCTION_NAMES).size, FUNCTION_NAMES.length);
});

test('types: plain values only', () => {
  for (const type of [
    'String',
    'Nullable(Decimal(18, 6))',
    "DateTime64(3, 'Europe/Berlin')",
    'Array(Tuple(String, UInt8))',
    'Map(String, UInt64)',
    'varchar',
  ])
    checkType(type);
  for (const type of [
    '',
    'JSON',
    'Dynamic',
    'AggregateFunction(uniq, String)',
    'Array(AggregateFunction(uniq, String))',
    'Variant(String)',
    "Enum8('a' = 1)",
    'Nothing',
    'Tuple(a String)',
    `Array(${'Array('.repeat(200)}String`,
  ])
    assert.throws(() => checkType(type), REFUSED, type);
});
