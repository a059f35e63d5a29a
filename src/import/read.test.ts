import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { after, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { fc } from '../../test/support/fast-check.ts';
import { openRows, type ReadOptions } from './open.ts';
import { detectDelimiter } from './read-csv.ts';
import { ImportError, type RowReader, type SourceRow } from './row.ts';
import { hashFile, openSource } from './source.ts';

const folder = await mkdtemp(join(tmpdir(), 'aevum-read-test-'));
after(() => rm(folder, { recursive: true, force: true }));

const DATA = join(import.meta.dirname, '../../../shared/data');
const absent = (name: string): string | false =>
  existsSync(join(DATA, name)) ? false : `${name} is not here`;

const fileOf = async (name: string, content: string | Uint8Array): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
};

const openFile = async (path: string, options: ReadOptions = {}): Promise<RowReader> =>
  openRows(await openSource(path, Readable.from([])), options);

const rowsOf = async (reader: RowReader): Promise<SourceRow[]> => {
  const rows: SourceRow[] = [];
  for await (const batch of reader.batches()) for (const row of batch.rows) rows.push(row);
  await reader.close();
  return rows;
};

const readAll = async (path: string, options: ReadOptions = {}): Promise<SourceRow[]> =>
  rowsOf(await openFile(path, options));

/** The rows of text given in pieces of the stated sizes, by way of standard input. */
const readPieces = async (pieces: readonly Buffer[], options: ReadOptions): Promise<SourceRow[]> => {
  const stdin = new PassThrough();
  const source = openSource('-', stdin);
  for (const piece of pieces) stdin.write(piece);
  stdin.end();
  return rowsOf(await openRows(await source, options));
};

const cellsOf = (rows: readonly SourceRow[]): unknown[] => rows.map((row) => row.cells ?? row.problem);

test('csv-spectrum: every file reads as its JSON says', { skip: absent('bad_csv') }, async () => {
  for (const file of readdirSync(join(DATA, 'bad_csv/csvs'))) {
    const expected: unknown = JSON.parse(
      readFileSync(join(DATA, 'bad_csv/json', file.replace('.csv', '.json')), 'utf8'),
    );
    const reader = await openFile(join(DATA, 'bad_csv/csvs', file));
    const rows = (await rowsOf(reader)).map((row) =>
      Object.fromEntries(reader.columns.names.map((name, index) => [name, row.cells?.[index]])),
    );
    // This one expects an object, and a telephone number that is not in its file.
    if (file === 'location_coordinates.csv') {
      assert.deepEqual([{ ...rows[0], 'Contact Phone Number': '1234567890' }], [expected]);
      continue;
    }
    assert.deepEqual(rows, expected, file);
  }
});

test('csv: what is malformed is one problem row, with its original text and line', async () => {
  const path = await fileOf(
    'bad.csv',
    'a,b,c\r\n1,2,3\r\n\r\n4,5\r\n"x"y,5,6\r\n7,"multi\r\nline",9\r\n10,"never closed,12\r\n13,5" pipe,15\n16,"",18',
  );
  const rows = await readAll(path);
  assert.deepEqual(cellsOf(rows), [
    ['1', '2', '3'],
    'the row has 2 columns, the header has 3',
    'column 1 has text behind its closing quote',
    ['7', 'multi\r\nline', '9'],
    'column 2 has text behind its closing quote',
    ['16', '', '18'],
  ]);
  assert.deepEqual(
    rows.map((row) => [row.number, row.line]),
    [
      [1, 2],
      [2, 4],
      [3, 5],
      [4, 6],
      [5, 8],
      [6, 10],
    ],
  );
  assert.equal(rows[4]?.text, '10,"never closed,12\r\n13,5" pipe,15');
});

test('csv: a quote that is never closed spoils its own line only', async () => {
  const lines = Array.from({ length: 50 }, (_, index) => `${index},x`);
  lines[10] = '10,"x';
  const rows = await readAll(await fileOf('open.csv', `n,v\n${lines.join('\n')}\n`));
  assert.equal(rows.length, 50);
  assert.deepEqual(
    rows.filter((row) => row.problem !== undefined).map((row) => [row.number, row.text, row.problem]),
    [[11, '10,"x', 'a quote is opened and never closed']],
  );
  const long = await readAll(await fileOf('open-long.csv', `n,v\n1,"x\n${'2,y\n'.repeat(600_000)}`));
  assert.equal(long.length, 600_001);
  assert.equal(long.filter((row) => row.problem !== undefined).length, 1);
});

test('csv: a line that never ends is cut, and reading goes on behind it', async () => {
  const rows = await readAll(await fileOf('long.csv', `a,b\n1,2\n${'x'.repeat(18 * 1024 * 1024)}\n3,4\n`));
  assert.deepEqual(cellsOf(rows), [['1', '2'], 'the row is longer than 16777216 characters', ['3', '4']]);
  assert.ok((rows[1]?.text.length ?? 0) <= 64 * 1024);
});

test('csv: delimiters are detected and can be named', async () => {
  assert.equal(detectDelimiter('a;b;c\n1,5;2;3\n2,5;3;4\n'), ';');
  assert.equal(detectDelimiter('a\tb\n"x,y,z"\t2\n'), '\t');
  assert.equal(detectDelimiter('a|b|c\n1|2|3\n'), '|');
  assert.equal(detectDelimiter('only\n1\n2\n'), ',');
  assert.equal(detectDelimiter('a,b\n"x;y;z;",2\n"1;2;3;",4\n'), ',');
  const path = await fileOf('semicolon.csv', '\uFEFFa ;b\n"1;2";3,5\n');
  const reader = await openFile(path);
  assert.deepEqual(reader.columns.names, ['a', 'b']);
  assert.deepEqual(cellsOf(await rowsOf(reader)), [['1;2', '3,5']]);
  assert.deepEqual(cellsOf(await readAll(path, { delimiter: ',' })), [
    'column 1 has text behind its closing quote',
  ]);
  await assert.rejects(readAll(path, { delimiter: 'ab' }), ImportError);
});

test('csv: headers that are empty, repeated or absent get names', async () => {
  const reader = await openFile(await fileOf('header.csv', 'a,,a, a \n1,2,3,4\n'));
  assert.deepEqual(reader.columns.names, ['a', 'column_2', 'a_2', 'a_3']);
  assert.equal(reader.notes.length, 4);
  await rowsOf(reader);
  const bare = await openFile(await fileOf('bare.csv', '1,2\n3,4\n'), { header: false });
  assert.deepEqual(bare.columns.names, ['column_1', 'column_2']);
  assert.deepEqual(cellsOf(await rowsOf(bare)), [
    ['1', '2'],
    ['3', '4'],
  ]);
});

test('csv: line ends may be LF, CRLF, CR, and mixed', async () => {
  for (const [name, text] of [
    ['lf', 'a,b\n1,2\n3,4'],
    ['crlf', 'a,b\r\n1,2\r\n3,4\r\n'],
    ['cr', 'a,b\r1,2\r3,4\r'],
    ['mixed', 'a,b\r\n1,2\n3,4\r\n'],
  ] as const) {
    const rows = await readAll(await fileOf(`${name}.csv`, text));
    assert.deepEqual(
      cellsOf(rows),
      [
        ['1', '2'],
        ['3', '4'],
      ],
      name,
    );
    assert.deepEqual(
      rows.map((row) => row.line),
      name === 'cr' ? [2, 3] : [2, 3],
      name,
    );
  }
});

test('csv: other encodings are read when named, and told apart when not', async () => {
  const path = await fileOf('latin.csv', Buffer.from('name,n\ncaf\xe9,1\nplain,2\n', 'latin1'));
  assert.deepEqual(cellsOf(await readAll(path, { encoding: 'windows-1252' })), [
    ['café', '1'],
    ['plain', '2'],
  ]);
  const rows = await readAll(path);
  assert.match(rows[0]?.problem ?? '', /not valid utf-8.*--encoding/u);
  assert.deepEqual(rows[1]?.cells, ['plain', '2']);
  const wide = await fileOf('wide.csv', Buffer.from('\uFEFFname,n\ncafé 😀,1\n', 'utf16le'));
  assert.deepEqual(cellsOf(await readAll(wide)), [['café 😀', '1']]);
  await assert.rejects(readAll(path, { encoding: 'klingon' }), /There is no encoding/u);
});

const cell = fc.string({
  unit: fc.constantFrom('a', 'é', '😀', ',', '"', '\n', '\r', ' ', '1'),
  maxLength: 6,
});
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const needsQuotes = (text: string): boolean => /[",\n\r]/u.test(text) || text === '';

test('property: csv reads what was written, as csv-parse does, however it arrives', async () => {
  const tables = fc.array(fc.tuple(cell, cell, cell, fc.boolean()), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(
      tables,
      fc.constantFrom('\n', '\r\n'),
      fc.array(fc.integer({ min: 1, max: 9 })),
      async (table, end, sizes) => {
        const lines = table.map(([a, b, c, always]) =>
          [a, b, c].map((text) => (always || needsQuotes(text) ? quoted(text) : text)).join(','),
        );
        const text = `x,y,z${end}${lines.join(end)}${end}`;
        const rows = await readPieces(piecesOf(Buffer.from(text), sizes), { format: 'csv', delimiter: ',' });
        assert.deepEqual(
          cellsOf(rows),
          table.map(([a, b, c]) => [a, b, c]),
        );
        const oracle: unknown = parse(text, { from_line: 1, record_delimiter: end });
        assert.deepEqual([['x', 'y', 'z'], ...cellsOf(rows)], oracle);
      },
    ),
    { numRuns: 200 },
  );
});

const piecesOf = (bytes: Buffer, sizes: readonly number[]): Buffer[] => {
  const pieces: Buffer[] = [];
  let at = 0;
  for (let n = 0; at < bytes.length; n++) {
    const size = sizes.length === 0 ? bytes.length : (sizes[n % sizes.length] ?? 1);
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
};

test('property: no bytes make the csv reader throw or lose a line silently', async () => {
  const bytes = fc.array(fc.constantFrom(...Buffer.from('a,"\n\r;\xe9\xff', 'latin1')), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(bytes, fc.array(fc.integer({ min: 1, max: 5 })), async (body, sizes) => {
      const content = Buffer.concat([Buffer.from('h,i\n'), Buffer.from(body)]);
      const whole = await readPieces([content], { format: 'csv', delimiter: ',' });
      const pieces = await readPieces(piecesOf(content, sizes), { format: 'csv', delimiter: ',' });
      const shown = (rows: SourceRow[]): unknown =>
        rows.map((row) => [row.number, row.line, row.text, row.cells]);
      assert.deepEqual(shown(pieces), shown(whole));
      const kept = whole
        .map((row) => row.text)
        .join('')
        .replace(/[\r\n]/gu, '');
      const given = Buffer.from(body)
        .toString('utf8')
        .replace(/[\r\n]/gu, '');
      assert.equal(kept, given);
    }),
    { numRuns: 500 },
  );
});

test('compressed files are told by their content', async () => {
  const text = 'a,b\n1,2\n3,4\n';
  for (const [name, content] of [
    ['plain.gz', Buffer.from(text)],
    ['gzip.csv', gzipSync(text)],
    ['members.csv', Buffer.concat([gzipSync('a,b\n1,2\n'), gzipSync('3,4\n')])],
    ['zstd', zstdCompressSync(Buffer.from(text))],
  ] as const) {
    assert.equal((await readAll(await fileOf(name, content))).length, 2, name);
  }
  const cut = await fileOf('cut.csv', gzipSync(text.repeat(1000)).subarray(0, -20));
  await assert.rejects(readAll(cut), /cut short/u);
  const damaged = gzipSync(`a,b\n${Array.from({ length: 100_000 }, (_, n) => `${n},${n * 7}\n`).join('')}`);
  damaged.fill(0xff, damaged.length >> 1, (damaged.length >> 1) + 50);
  await assert.rejects(readAll(await fileOf('damaged.csv', damaged)), /damaged|cut short/u);
  await assert.rejects(readAll(join(folder, 'nowhere.csv')), /There is no file/u);
  await assert.rejects(readAll(folder), /is not a file/u);
  await assert.rejects(readAll(await fileOf('empty.csv', '')), /is empty/u);
});

test('ndjson: bad lines are problem rows', async () => {
  const path = await fileOf('a.ndjson', '{"a":1}\n\n{"a":}\r\n[1]\n{"a":1.10,"b":{"c.d":"x"}}');
  const rows = await readAll(path);
  assert.deepEqual(
    rows.map((row) => [row.number, row.line, row.problem?.replace(/:.*/u, '')]),
    [
      [1, 1, undefined],
      [2, 3, 'not valid JSON'],
      [3, 4, 'the row is not a JSON object'],
      [4, 5, undefined],
    ],
  );
  const bytes = Buffer.concat([Buffer.from('{"a":"\xe9"}\n', 'latin1'), Buffer.from('{"a":"é"}\n')]);
  const mixed = await readAll(await fileOf('garbled.ndjson', bytes));
  assert.match(mixed[0]?.problem ?? '', /not valid utf-8/u);
  assert.equal(mixed[1]?.text, '{"a":"é"}');
});

test('json: arrays, events objects, one object, several objects', async () => {
  const cases: [string, string, string[]][] = [
    ['array', '[{"a":1},\n {"a":"],["} , {"a":[{}]}]', ['{"a":1}', '{"a":"],["}', '{"a":[{}]}']],
    ['empty', ' [ ] ', []],
    ['events', '{"events":[{"a":1},{"a":2}],"more":[1]}', ['{"a":1}', '{"a":2}']],
    ['late events', '{"meta":{"n":1},\n"events":[{"a":1},{"a":2}]}', ['{"a":1}', '{"a":2}']],
    ['one', '{\n "a": 1\n}', ['{\n "a": 1\n}']],
    ['several', '{\n "a": 1\n}\n{\n "a": 2\n}{"a":3}', ['{\n "a": 1\n}', '{\n "a": 2\n}', '{"a":3}']],
  ];
  for (const [name, text, expected] of cases) {
    for (const size of [1, 7, 1000]) {
      const rows = await readPieces(piecesOf(Buffer.from(text), [size]), { format: 'json' });
      assert.deepEqual(
        rows.map((row) => row.text),
        expected,
        `${name} by ${size}`,
      );
    }
  }
  const lines = await readPieces([Buffer.from('[\n{"a":1},\n\n{"a":\n2},3]')], {});
  assert.deepEqual(
    lines.map((row) => [row.line, row.problem]),
    [
      [2, undefined],
      [4, undefined],
      [5, 'the row is not a JSON object'],
    ],
  );
});

test('json: what cannot be cut is said, with its place', async () => {
  await assert.rejects(readPieces([Buffer.from('[{"a":1},\n{"a":2}')], {}), /not closed.*row 2.*line 2/u);
  await assert.rejects(
    readPieces([Buffer.from('[{"a":1}]\n[{"a":2}]')], {}),
    /the JSON array ends here, and more follows/u,
  );
  const bad = await readPieces([Buffer.from('[{"a":1},{"a" 2},{"a":3}]')], {});
  assert.deepEqual(
    bad.map((row) => row.problem === undefined),
    [true, false, true],
  );
  const stray = await readPieces([Buffer.from('{"a":1}\n}\n{"a":2}')], { format: 'json' });
  assert.deepEqual(
    stray.map((row) => row.problem === undefined),
    [true, false, true],
  );
});

test('property: json arrays are cut alike however they arrive', async () => {
  const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(objects, fc.nat(3), fc.integer({ min: 1, max: 20 }), async (array, indent, size) => {
      const text = JSON.stringify(array, null, indent);
      const rows = await readPieces(piecesOf(Buffer.from(text), [size]), { format: 'json' });
      assert.deepEqual(
        rows.map((row) => JSON.parse(row.text) as unknown),
        JSON.parse(text),
      );
    }),
  );
});

test('formats are detected by content', async () => {
  const format = async (name: string, text: string): Promise<string> => {
    const reader = await openFile(await fileOf(name, text));
    await rowsOf(reader);
    return reader.format;
  };
  assert.equal(await format('d1.txt', '{"a":1}\n{"a":2}\n'), 'ndjson');
  assert.equal(await format('d2.json', '{"a":1}\n{"a":2}\n'), 'ndjson');
  assert.equal(await format('d3.txt', '{\n"a":1}\n'), 'json');
  assert.equal(await format('d4.txt', '\uFEFF [{"a":1}]'), 'json');
  assert.equal(await format('d5.jsonl', '{"a":1}'), 'ndjson');
  assert.equal(await format('d6.json', '{"a":1}'), 'json');
  assert.equal(await format('d7', 'a,b\n1,2\n'), 'csv');
});

test('json columns: members and paths, the whole name first', async () => {
  const reader = await openFile(
    await fileOf('paths.ndjson', '{"a":{"b":{"c":12345678901234567890}},"a.b":"whole","n":null}\n'),
  );
  const [row] = await rowsOf(reader);
  assert.ok(row);
  assert.deepEqual(reader.columns.names, ['a', 'a.b', 'a.b.c', 'n']);
  assert.equal(reader.columns.bind('a.b')?.(row), 'whole');
  assert.deepEqual(reader.columns.bind('a.b.c')?.(row), { units: 12345678901234567890n, scale: 0 });
  assert.equal(reader.columns.bind('n')?.(row), null);
  assert.equal(reader.columns.bind('absent'), undefined);
  const sparse = await openFile(join(folder, 'paths.ndjson'), { sparse: true });
  assert.equal(sparse.columns.bind('absent')?.(row), null);
  await rowsOf(sparse);
});

test('a file is identified by the hash of its bytes', async () => {
  const path = await fileOf('hash.txt', 'abc');
  let seen = 0;
  assert.equal(await hashFile(path, (bytes) => void (seen = bytes)), 'ba7816bf8f01cfea');
  assert.equal(seen, 3);
});
