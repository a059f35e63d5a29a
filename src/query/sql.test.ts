import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bind, identifier, integerArray, joinSql, sql, toStatement } from './sql.ts';

test('values become parameters, equal ones once', () => {
  const evil = "'; DROP TABLE events; --";
  const piece = sql`SELECT ${bind('String', evil)}, ${bind('String', evil)}, ${bind('Int64', '1')}`;
  assert.deepEqual(toStatement(piece), {
    text: 'SELECT {p0:String}, {p0:String}, {p1:Int64}',
    params: { p0: evil, p1: '1' },
  });
});

test('pieces are put together in order', () => {
  const piece = joinSql([sql`a = ${bind('String', 'x')}`, sql`b`], ' AND ');
  assert.equal(
    toStatement(sql`WHERE ${piece} LIMIT ${bind('UInt64', 3)}`).text,
    'WHERE a = {p0:String} AND b LIMIT {p1:UInt64}',
  );
});

test('nothing but pieces and parameters may stand in SQL', () => {
  const sneak = "x' OR 1" as unknown as ReturnType<typeof bind>;
  assert.throws(() => sql`SELECT ${sneak}`, TypeError);
  assert.throws(() => integerArray([1.5]), RangeError);
  assert.throws(() => integerArray([Number.NaN]), RangeError);
});

test('identifiers are quoted', () => {
  assert.equal(toStatement(identifier('a`b\\c')).text, '`a\\`b\\\\c`');
  assert.throws(() => identifier(''), RangeError);
});
