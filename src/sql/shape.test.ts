import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shapeOf } from './shape.ts';

const ALIKE: readonly (readonly [string, string])[] = [
  ['SELECT a FROM t WHERE b > 1', 'SELECT a FROM t WHERE b > 18446744073709551615'],
  ['SELECT a FROM t WHERE b > 1.5', 'SELECT a  FROM t\nWHERE b > 27.25'],
  ['SELECT quantile(0.5)(a) LIMIT 10', 'SELECT quantile(0.99)(a) LIMIT 20'],
  ["SELECT _CAST('2026-01-01', 'DateTime')", "SELECT _CAST('it''s \\' 5', 'DateTime')"],
];

for (const [one, other] of ALIKE) test(`one shape: ${one}`, () => assert.equal(shapeOf(other), shapeOf(one)));

const UNLIKE: readonly (readonly [string, string])[] = [
  ['SELECT 1', 'SELECT 1.0'],
  ['SELECT 1', 'SELECT 1e3'],
  ['SELECT 1', 'SELECT 0x1F'],
  ['SELECT 1', 'SELECT -1'],
  ['SELECT 1', "SELECT '1'"],
  ['SELECT a1', 'SELECT a2'],
  ['SELECT "1"', 'SELECT "2"'],
  ['SELECT `1`', 'SELECT `2`'],
  ["SELECT '1'", "SELECT '2'"],
  ['SELECT t.1', 'SELECT t.2'],
  ['SELECT a AS b', 'SELECT a AS c'],
  ['SELECT a b', 'SELECT ab'],
  ["SELECT CAST('1', 'UInt8')", "SELECT CAST('2', 'UInt8')"],
  ["SELECT _CAST('1', 'UInt8')", "SELECT _CAST('1', 'UInt16')"],
  ["SELECT _CAST(a, '1')", "SELECT _CAST(a, '2')"],
  ["SELECT _CAST(concat('1'), 'String')", "SELECT _CAST(concat('2'), 'String')"],
  ["SELECT f('1')", "SELECT f('2')"],
  ['SELECT 1, 2', 'SELECT 1'],
];

for (const [one, other] of UNLIKE)
  test(`two shapes: ${one} and ${other}`, () => assert.notEqual(shapeOf(other), shapeOf(one)));
