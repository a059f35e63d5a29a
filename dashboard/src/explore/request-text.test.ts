import assert from 'node:assert/strict';
import { test } from 'node:test';
import { curlOf, jsonOf, sqlPieces } from './request-text.ts';
import { fileName } from './export-answer.ts';

test('a question is told as JSON and as a command that can be pasted', () => {
  const question = { kind: 'trend', types: ["it's"], range: 'last 7 days' } as const;
  const asked = { ...question, types: [...question.types] };
  assert.deepEqual(JSON.parse(jsonOf(asked)), question);
  const command = curlOf('https://aevum.example', 'a b', asked);
  assert.match(command, /'https:\/\/aevum\.example\/api\/query\?project=a%20b'/u);
  assert.ok(command.includes(String.raw`it'\''s`));
});

test('pieces of SQL are told apart and add up to the text', () => {
  const sql = "SELECT count() AS n FROM events WHERE type = {p0:String} AND page = 'it''s' -- and\nLIMIT 10";
  const pieces = sqlPieces(sql);
  assert.equal(pieces.map(({ text }) => text).join(''), sql);
  const of = (kind: string) => pieces.filter((piece) => piece.kind === kind).map(({ text }) => text);
  assert.deepEqual(of('text'), ["'it''s'"]);
  assert.deepEqual(of('number'), ['{p0:String}', '10']);
  assert.deepEqual(of('note'), ['-- and']);
  assert.deepEqual(of('word'), ['SELECT', 'AS', 'FROM', 'WHERE', 'AND', 'LIMIT']);
});

test('files are called after the question', () => {
  assert.equal(fileName('Funnel from A/B to <b>', 'csv'), 'funnel-from-a-b-to-b.csv');
  assert.equal(fileName('***', 'png'), 'answer.png');
});
