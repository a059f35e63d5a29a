import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SqlSchemaAnswer } from '../../../src/contract/sql.ts';
import { type Choice, choicesAt, isGivingName, KEYWORDS, propertyText, tablesIn } from './completion.ts';

const column = (name: string) => ({ name, type: 'String', doc: '' });

const SCHEMA: SqlSchemaAnswer = {
  tables: [
    { name: 'events', doc: '', columns: [column('id'), column('user_id')] },
    { name: 'refused', doc: '', columns: [column('id'), column('reason')] },
  ],
  functions: [{ title: 'Aggregates', kind: 'aggregate', names: ['count'] }],
  combinators: ['If'],
  limits: { rows_max: 1000, timeout_ms_max: 1000 },
};

const columns = (choices: readonly Choice[]): string[] =>
  choices.filter(({ kind }) => kind === 'column').map(({ text }) => text);

test('tables are known by their names and their short names', () => {
  const sql = "SELECT 1 FROM events e JOIN refused AS r ON e.id = r.id WHERE x = 'from users u'";
  assert.deepEqual(
    [...tablesIn(sql)],
    [
      ['events', 'events'],
      ['e', 'events'],
      ['refused', 'refused'],
      ['r', 'refused'],
    ],
  );
  assert.deepEqual([...tablesIn('select * from events where id = 1')], [['events', 'events']]);
});

test('behind a name and a dot there are the columns of that table', () => {
  const sql = 'SELECT r. FROM events e JOIN refused r ON e.id = r.id';
  assert.deepEqual(columns(choicesAt(sql, 'SELECT r.'.length, SCHEMA)), ['id', 'reason']);
  assert.deepEqual(choicesAt('SELECT x.', 9, SCHEMA), []);
});

test('elsewhere there are the columns of what is read, tables, functions and words', () => {
  const choices = choicesAt('SELECT  FROM refused', 7, SCHEMA, ["it's"]);
  assert.deepEqual(columns(choices), ['id', 'reason']);
  assert.deepEqual(
    choices
      .filter(({ kind }) => ['table', 'function', 'property'].includes(kind))
      .map(({ text, put }) => [text, put]),
    [
      ['events', undefined],
      ['refused', undefined],
      ['count', 'count()'],
      ["it's", "JSONExtractString(properties, 'it\\'s')"],
    ],
  );
  assert.equal(choices.filter(({ kind }) => kind === 'keyword').length, KEYWORDS.length);
});

test('before a table is named there are the columns of all, each once', () => {
  assert.deepEqual(columns(choicesAt('SELECT ', 7, SCHEMA)), ['id', 'user_id', 'reason']);
});

test('keys of properties cannot end the text that they stand in', () => {
  assert.equal(propertyText("a\\'b"), "JSONExtractString(properties, 'a\\\\\\'b')");
});

test('names that the statement gives are known in it', () => {
  const choices = choicesAt('SELECT count() AS n, id AS id FROM events ORDER BY ', 50, SCHEMA);
  assert.deepEqual(
    choices.filter(({ kind }) => kind === 'name').map(({ text }) => text),
    ['n'],
  );
});

test('where a name is given, none is offered', () => {
  for (const before of ['SELECT 1 AS ', 'SELECT 1 AS da', 'SELECT * FROM events e', 'x JOIN refused '])
    assert.ok(isGivingName(before), before);
  for (const before of ['SELECT ', 'SELECT * FROM ev', 'SELECT a, b', 'FROM events WHERE ty'])
    assert.ok(!isGivingName(before), before);
});
