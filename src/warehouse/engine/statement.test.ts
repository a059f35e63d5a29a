import assert from 'node:assert/strict';
import { test } from 'node:test';
import { insertFromFile, parseStatement } from './statement.ts';

test('finds verb and format', () => {
  assert.deepEqual(
    ['select 1', '(select 1) format JSON', '/* c */ WITH 1 AS x SELECT x', 'alter table t drop column c'].map(
      (sql) => {
        const { verb, format, isRead } = parseStatement(sql);
        return [verb, format, isRead];
      },
    ),
    [
      ['SELECT', undefined, true],
      ['SELECT', 'JSON', true],
      ['WITH', undefined, true],
      ['ALTER', undefined, false],
    ],
  );
  assert.equal(parseStatement("select 'format JSON' as format from (select 1 format)").format, undefined);
  assert.equal(parseStatement('select 1 \nFORMAT JSONEachRow SETTINGS a = 1').format, 'JSONEachRow');
});

test('takes one statement only', () => {
  assert.equal(parseStatement('select 1; -- end').sql, 'select 1');
  assert.equal(parseStatement("select ';' ;").sql.trim(), "select ';'");
  for (const sql of ['select 1; select 2', 'select 1;;', "select 1; drop table t -- '"])
    assert.throws(() => parseStatement(sql), { code: 62 });
  for (const sql of ['', ' -- only a comment', ';']) assert.throws(() => parseStatement(sql), { code: 62 });
});

test('data after an INSERT is not looked at', () => {
  assert.equal(parseStatement("insert into t values (1, 'a;b'); (2, ';')").verb, 'INSERT');
  assert.equal(parseStatement('insert into t format CSV\n1;2\n3;4').format, 'CSV');
});

test('an INSERT with data in a file', () => {
  const rewrite = (sql: string): string => insertFromFile(parseStatement(sql), "/tmp/it's");
  assert.equal(
    rewrite('INSERT INTO t FORMAT Native'),
    "INSERT INTO t  FROM INFILE '/tmp/it\\'s' COMPRESSION 'none' FORMAT Native",
  );
  assert.equal(
    rewrite("INSERT INTO t (`format`, settings) SETTINGS x = 'FORMAT' FORMAT Native"),
    "INSERT INTO t (`format`, settings)  FROM INFILE '/tmp/it\\'s' COMPRESSION 'none' SETTINGS x = 'FORMAT' FORMAT Native",
  );
  assert.throws(() => rewrite('INSERT INTO t SELECT 1'), { code: 62 });
  assert.throws(() => rewrite('INSERT INTO t VALUES (1)'), { code: 62 });
});
