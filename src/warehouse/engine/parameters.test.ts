import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from './engine-error.ts';
import { substituteParameters } from './parameters.ts';

const substitute = (sql: string, values: Record<string, string> = {}): string =>
  substituteParameters(sql, new Map(Object.entries(values)));

test('replaces parameters by literals of their type', () => {
  assert.equal(substitute('SELECT {a:String}', { a: 'x' }), "SELECT 'x'");
  assert.equal(substitute('SELECT { a : UInt8 }', { a: '5' }), "SELECT _CAST('5', 'UInt8')");
  assert.equal(
    substitute("{t:DateTime64(3, 'UTC')}", { t: '1.5' }),
    "_CAST('1.5', 'DateTime64(3, \\'UTC\\')')",
  );
  assert.equal(substitute("{e:Enum8('a}' = 1)}", { e: 'a}' }), "_CAST('a}', 'Enum8(\\'a}\\' = 1)')");
  assert.equal(
    substitute('{a:Array(String)}', { a: "['x\\ty']" }),
    "_CAST('[\\'x\\\\ty\\']', 'Array(String)')",
  );
  assert.equal(substitute('FROM {t:Identifier}', { t: 'db.ta`ble' }), 'FROM `db`.`ta\\`ble`');
});

test('undoes the escaping of the protocol and does its own', () => {
  assert.equal(substitute('{a:String}', { a: "tab\\tquote\\'back\\\\end" }), "'tab\tquote\\'back\\\\end'");
  assert.equal(substitute('{a:String}', { a: '\\' }), "'\\\\'");
  assert.equal(substitute('{a:String}', { a: '\0' }), "'\\0'");
});

test('a value cannot leave its literal', () => {
  for (const value of ["'; DROP TABLE t; --", "\\\\'; DROP", "\\'", '{b:String}', '*/ x /*', '${x}']) {
    const escaped = value.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
    const sql = substitute('{a:String}', { a: escaped, b: 'never' });
    assert.equal(sql, `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`);
  }
});

test('leaves strings, identifiers, heredocs and comments alone', () => {
  const untouched = [
    "'{a:String}'",
    "'it''s {a:String}'",
    "'\\'{a:String}'",
    '`{a:String}`',
    '"{a:String}"',
    '-- {a:String}\n',
    '/* {a:String} */',
    '# {a:String}\n',
    '$x${a:String}$x$',
    '‘{a:String}’',
    '{}',
    "{'a': 1}",
    '{a}',
    "'unfinished {a:String}",
  ];
  for (const sql of untouched) assert.equal(substitute(sql), sql);
  assert.equal(
    substitute("'a' || {a:String} || '{a:String}' -- {a:String}", { a: 'v' }),
    "'a' || 'v' || '{a:String}' -- {a:String}",
  );
});

test('null needs a type that has it', () => {
  assert.equal(substitute('{a:Nullable(String)}', { a: '\\N' }), "_CAST(NULL, 'Nullable(String)')");
  assert.equal(
    substitute('{a:LowCardinality(Nullable(String))}', { a: '\\N' }),
    "_CAST(NULL, 'LowCardinality(Nullable(String))')",
  );
  assert.throws(() => substitute('{a:String}', { a: '\\N' }), { code: 457 });
  assert.equal(substitute('{a:Nullable(String)}', { a: '\\\\N' }), "_CAST('\\\\N', 'Nullable(String)')");
});

test('names what is not set', () => {
  assert.throws(
    () => substitute('{a:String}'),
    (error) => error instanceof EngineError && error.code === 456 && error.message.includes('`a`'),
  );
});
