import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { query } from 'chdb';
import { parse } from 'csv-parse/sync';
import { fc } from '../../test/support/fast-check.ts';
import { FORMATS, TABLE_MEDIA, type TableFormat } from '../contract/formats.ts';
import { ApiError } from '../event/errors.ts';
import { acceptedFormat, writeTable } from './format.ts';
import {
  type Cell,
  type ColumnOf,
  type Table,
  TABLE_ROWS_MAX,
  TABLE_TEXT_MAX,
  tableOfRows,
} from './table.ts';

const folder = mkdtempSync(join(tmpdir(), 'aevum-table-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const COLUMNS = [
  { name: 'at', type: 'instant' },
  { name: 'name, "quoted"', type: 'text' },
  { name: 'x', type: 'number' },
  { name: 'n', type: 'integer' },
  { name: 'is_new', type: 'boolean' },
] as const;

const TABLE: Table = {
  columns: COLUMNS,
  rows: [
    ['2026-03-29T01:30:00+01:00', 'plain', 1.5, 42, true],
    ['2026-11-20T12:00:00.250Z', '', -0.1, -7, false],
    [null, null, null, null, null],
    ['1969-12-31T23:59:59Z', 'a "b", c\r\nd', 1e300, Number.MAX_SAFE_INTEGER, true],
    ['2026-01-01T00:00:00+05:45', '=1+1', 0, 0, false],
    ['2026-01-01T00:00:00Z', '\u{1F600} ÅØ\u0000', 5e-324, 1, true],
  ],
};

/** What a reader that knows nothing of us must find. */
const expectedRows = ({ rows }: Table): Cell[][] =>
  rows.map(([at, ...rest]) => [typeof at === 'string' ? Date.parse(at) : null, ...rest]);

const ENGINE_FORMATS = { parquet: 'Parquet', arrow: 'Arrow', arrow_stream: 'ArrowStream' } as const;

/** Reads a file with the engine, by position of the columns: instants as milliseconds. */
const readByEngine = (
  table: Table,
  format: keyof typeof ENGINE_FORMATS,
): { types: string[]; rows: Cell[][] } => {
  const path = join(folder, `file.${format}`);
  writeFileSync(path, writeTable(table, format, 'x').body);
  const from = `file('${path}', ${ENGINE_FORMATS[format]})`;
  const described = JSON.parse(
    query(`DESCRIBE ${from} SETTINGS schema_inference_make_columns_nullable = 'auto'`, 'JSON'),
  ) as {
    data: { name: string; type: string }[];
  };
  assert.deepEqual(
    described.data.map(({ name }) => name),
    table.columns.map(({ name }) => name),
  );
  const selected = table.columns.map(({ name, type }) => {
    const quoted = `\`${name.replaceAll('`', '\\`')}\``;
    return type === 'instant' ? `toUnixTimestamp64Milli(${quoted})` : quoted;
  });
  const answer = query(
    `SELECT ${selected.join(', ')} FROM ${from} SETTINGS output_format_json_quote_64bit_integers = 0, max_threads = 1`,
    'JSONCompact',
  );
  return {
    types: described.data.map(({ type }) => type),
    rows: (JSON.parse(answer) as { data: Cell[][] }).data,
  };
};

const TYPES = ["DateTime64(3, 'UTC')", 'String', 'Float64', 'Int64', 'Bool'];

for (const format of ['parquet', 'arrow', 'arrow_stream'] as const) {
  test(`${format} is read back by the engine with names, types and values`, () => {
    const { types, rows } = readByEngine(TABLE, format);
    assert.deepEqual(
      types.map((type) => type.replace(/^Nullable\((.*)\)$/u, '$1')),
      TYPES,
    );
    assert.deepEqual(rows, expectedRows(TABLE));
  });

  test(`${format} without rows is a file with columns`, () => {
    assert.deepEqual(readByEngine({ columns: COLUMNS, rows: [] }, format).rows, []);
  });

  test(`${format} with many rows is whole`, () => {
    const rows = Array.from({ length: 50_000 }, (_, index): Cell[] => [
      '2026-01-01T00:00:00Z',
      index % 3 === 0 ? null : `text ${index}`,
      index / 8,
      index,
      index % 2 === 0,
    ]);
    assert.deepEqual(
      readByEngine({ columns: COLUMNS, rows }, format).rows,
      expectedRows({ columns: COLUMNS, rows }),
    );
  });
}

const cells = fc.record({
  at: fc.option(
    fc
      .date({ noInvalidDate: true, min: new Date('1900-01-01'), max: new Date('2299-12-31') })
      .map((date) => date.toISOString()),
  ),
  text: fc.option(fc.string({ unit: 'grapheme' })),
  x: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0)),
  n: fc.option(fc.maxSafeInteger()),
  is: fc.option(fc.boolean()),
});

test('any table is read back from all formats', () => {
  fc.assert(
    fc.property(fc.array(cells, { maxLength: 20 }), (made) => {
      const table: Table = {
        columns: COLUMNS,
        rows: made.map(({ at, text, x, n, is }) => [at, text, x, n, is]),
      };
      for (const format of ['parquet', 'arrow'] as const)
        assert.deepEqual(readByEngine(table, format).rows, expectedRows(table));
      const csv = String(writeTable(table, 'csv', 'x').body);
      const parsed = parse(csv, { record_delimiter: '\r\n', relax_quotes: false });
      assert.deepEqual(
        parsed.slice(1),
        table.rows.map((row) => row.map((cell) => csvText(cell))),
      );
      const lines = String(writeTable(table, 'ndjson', 'x').body)
        .split('\n')
        .slice(0, -1);
      assert.deepEqual(
        lines.map((line) => Object.values(JSON.parse(line) as Record<string, Cell>)),
        table.rows,
      );
    }),
    { numRuns: 60 },
  );
});

const csvText = (cell: Cell): string => {
  if (typeof cell !== 'string') return cell === null ? '' : String(cell);
  return ['=', '+', '-', '@', '\t', '\r', '\n'].includes(cell.charAt(0)) ? `'${cell}` : cell;
};

test('CSV is what RFC 4180 says, and runs nothing', () => {
  const rows = [
    ['=cmd()', -1.5],
    ['+1', null],
    ['-1', 0],
    ['@SUM(A1)', 1],
    ['', 2],
    [null, 3],
    ['a=b', 4],
  ];
  const columns = [
    { name: '=name', type: 'text' },
    { name: 'x', type: 'number' },
  ] as const;
  assert.equal(
    writeTable({ columns, rows }, 'csv', 'x').body,
    "'=name,x\r\n'=cmd(),-1.5\r\n'+1,\r\n'-1,0\r\n'@SUM(A1),1\r\n\"\",2\r\n,3\r\na=b,4\r\n",
  );
});

test('files have names without surprises', () => {
  const file = writeTable(TABLE, 'csv', 'aevum trend"\r\nx: 1');
  assert.equal(file.headers['content-disposition'], 'attachment; filename="aevum_trend_x_1.csv"');
});

const ACCEPTS: readonly (readonly [accept: string | undefined, format: string])[] = [
  [undefined, 'json'],
  ['', 'json'],
  ['*/*', 'json'],
  ['text/html, application/xhtml+xml', 'json'],
  ['text/csv', 'csv'],
  ['TEXT/CSV; charset=utf-8', 'csv'],
  ['application/json;q=0.5, text/csv', 'csv'],
  ['text/csv;q=0.5, */*', 'json'],
  ['text/csv;q=0, application/x-ndjson;q=0.1', 'ndjson'],
  ['application/vnd.apache.parquet, */*;q=0.1', 'parquet'],
  ['application/vnd.apache.arrow.file', 'arrow'],
  ['application/vnd.apache.arrow.stream', 'arrow_stream'],
  ['constructor, text/csv;q=x', 'json'],
];

for (const [accept, format] of ACCEPTS)
  test(`Accept ${JSON.stringify(accept)} is ${format}`, () => assert.equal(acceptedFormat(accept), format));

test('what would take too much memory is refused', () => {
  const formats = FORMATS.filter((format): format is TableFormat => format !== 'json');
  const long = 'x'.repeat(1_000_000);
  const tables: Table[] = [
    {
      columns: [{ name: 'a', type: 'integer' }],
      rows: Array.from({ length: TABLE_ROWS_MAX + 1 }, () => [1]),
    },
    { columns: [{ name: 'a', type: 'text' }], rows: Array.from({ length: 70 }, () => [long]) },
  ];
  for (const table of tables)
    for (const format of formats)
      assert.throws(
        () => writeTable(table, format, 'x'),
        (error) => error instanceof ApiError && error.code === 'result_too_large',
      );
});

test('columns of one name are told apart', () => {
  const column = (name: string): ColumnOf<number> => ({ name, type: 'integer', of: (row) => row });
  assert.deepEqual(tableOfRows([column('a'), column('a_2'), column('a'), column('a')], [5]), {
    columns: [
      { name: 'a', type: 'integer' },
      { name: 'a_2', type: 'integer' },
      { name: 'a_3', type: 'integer' },
      { name: 'a_4', type: 'integer' },
    ],
    rows: [[5, 5, 5, 5]],
  });
});

test('the page tells the formats and limits as they are', () => {
  const page = readFileSync(new URL('../../docs/reference/query.md', import.meta.url), 'utf8');
  for (const [format, media] of Object.entries(TABLE_MEDIA))
    assert.ok(page.includes(`| \`${format}\` | \`${media}\` |`), format);
  const mebi = TABLE_TEXT_MAX / 1024 ** 2;
  assert.ok(page.includes(`${TABLE_ROWS_MAX.toLocaleString('en')} rows and ${mebi} Mi characters`));
});
