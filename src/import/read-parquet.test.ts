import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { query } from 'chdb';
import { openRows } from './open.ts';
import { ImportError, type RowReader, type SourceRow } from './row.ts';
import { openSource } from './source.ts';
import { jsonOf } from './value.ts';

const folder = mkdtempSync(join(tmpdir(), 'aevum-parquet-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Has the engine write a Parquet file. */
const parquet = (name: string, select: string, settings = ''): string => {
  const path = join(folder, name);
  query(
    `${select} INTO OUTFILE '${path}' TRUNCATE FORMAT Parquet ${settings === '' ? '' : `SETTINGS ${settings}`}`,
  );
  return path;
};

const open = async (path: string): Promise<RowReader> =>
  openRows(await openSource(path, Readable.from([])), {});

const rowsOf = async (path: string): Promise<{ names: readonly string[]; rows: SourceRow[] }> => {
  const reader = await open(path);
  const rows: SourceRow[] = [];
  for await (const batch of reader.batches()) rows.push(...batch.rows);
  await reader.close();
  return { names: reader.columns.names, rows };
};

test('every kind of column keeps its value', async () => {
  const path = parquet(
    'kinds.parquet',
    `SELECT number AS n, toDecimal64('15.30', 2) AS d64, toDecimal128('-12345678901234567890.123', 3) AS d128, toDecimal32('0.1', 4) AS d32,
      toDateTime64('2020-01-02 03:04:05.678', 3, 'UTC') AS ms, toDateTime64('1960-01-02 03:04:05.678901', 6, 'UTC') AS us,
      toDateTime64('2020-01-02 03:04:05.123456789', 9, 'UTC') AS ns, toDate32('1969-12-30') AS day,
      if(number = 0, NULL, 'text é') AS s, '' AS empty, 1.5 AS f, nan AS nan, toInt64(-9007199254740993) AS big, toUInt64(18446744073709551615) AS huge,
      [1, 2]::Array(UInt64) AS list, map('a', 1) AS m, tuple(1, 'x')::Tuple(a UInt8, b String) AS t, true AS yes, unhex('ff00') AS bytes
    FROM numbers(2)`,
  );
  const { names, rows } = await rowsOf(path);
  const [first, second] = rows.map((row) =>
    Object.fromEntries(names.map((name, index) => [name, jsonOf(row.cells?.[index] ?? null)])),
  );
  assert.deepEqual(first, {
    n: '0',
    d64: '15.3',
    d128: '-12345678901234567890.123',
    d32: '0.1',
    ms: '"2020-01-02T03:04:05.678Z"',
    us: '"1960-01-02T03:04:05.678901Z"',
    ns: '"2020-01-02T03:04:05.123456789Z"',
    day: '"1969-12-30"',
    s: 'null',
    empty: '""',
    f: '1.5',
    nan: 'null',
    big: '-9007199254740993',
    huge: '18446744073709551615',
    list: '[1,2]',
    m: '{"a":1}',
    t: '{"a":1,"b":"x"}',
    yes: 'true',
    bytes: '"/wA="',
  });
  assert.equal(second?.['s'], '"text é"');
  assert.deepEqual(JSON.parse(rows[0]?.text ?? '')[0], 0);
});

test('every compression and several row groups', async () => {
  for (const method of ['none', 'snappy', 'gzip', 'brotli', 'lz4', 'zstd']) {
    const path = parquet(
      `${method}.parquet`,
      'SELECT number AS n, toString(number % 7) AS s FROM numbers(10000)',
      `output_format_parquet_compression_method = '${method}', output_format_parquet_row_group_size = 3000, max_block_size = 1000, max_threads = 1`,
    );
    const { rows } = await rowsOf(path);
    assert.equal(rows.length, 10_000, method);
    assert.ok(
      rows.every(
        (row, index) => row.number === index + 1 && jsonOf(row.cells?.[0] ?? null) === String(index),
      ),
      method,
    );
  }
});

test('a compressed file is unpacked first', async () => {
  const path = parquet('plain.parquet', 'SELECT number AS n FROM numbers(3)');
  const packed = join(folder, 'packed.parquet.gz');
  writeFileSync(packed, gzipSync(readFileSync(path)));
  assert.equal((await rowsOf(packed)).rows.length, 3);
});

test('damaged files are said so', async () => {
  const path = parquet(
    'good.parquet',
    'SELECT number AS n, toString(cityHash64(number)) AS s FROM numbers(20000)',
    "output_format_parquet_compression_method = 'zstd'",
  );
  const bytes = readFileSync(path);
  const cut = join(folder, 'cut.parquet');
  writeFileSync(cut, bytes.subarray(0, bytes.length / 2));
  await assert.rejects(
    rowsOf(cut),
    (error) => error instanceof ImportError && /cannot be read as Parquet/u.test(error.message),
  );
  const damaged = join(folder, 'damaged.parquet');
  writeFileSync(damaged, Buffer.from(bytes).fill(0xff, 200, 4000));
  await assert.rejects(
    rowsOf(damaged),
    (error) => error instanceof ImportError && /cannot be read/u.test(error.message),
  );
});
