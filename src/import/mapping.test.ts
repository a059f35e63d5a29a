import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import { addDecimals, type Decimal, decimalOf, formatDecimal, parseDecimal } from '../lib/decimal.ts';
import {
  cellJson,
  compileMapping,
  isMappingNeeded,
  type MappedEvent,
  type MappingOptions,
  TARGETS,
} from './mapping.ts';
import { openRows } from './open.ts';
import { checkAreEvents, passThrough } from './pass-through.ts';
import { tableColumns } from './read-csv.ts';
import { objectColumns } from './read-json.ts';
import { jsonMembers } from './json-text.ts';
import { ImportError, type SourceRow } from './row.ts';
import { openSource } from './source.ts';
import { RowError } from './value.ts';

const DATA = join(import.meta.dirname, '../../../shared/data');
const RETAIL = join(DATA, 'online_retail_uci/online_retail.csv.gz');

const HEADER = ['InvoiceNo', 'StockCode', 'Quantity', 'InvoiceDate', 'UnitPrice', 'CustomerID', 'Country'];
const tableRow = (...cells: string[]): SourceRow => ({
  number: 7,
  line: 8,
  text: cells.join(),
  problem: undefined,
  cells,
});
const LINE = tableRow('536365', '007A', '6', '2010-12-01T08:26:00', '2.55', '17850', 'United Kingdom');

const BASE: MappingOptions = { type: 'order_line', maps: ['timestamp=InvoiceDate'] };
const withMaps = (...maps: string[]): MappingOptions => ({
  type: 'order_line',
  maps: ['timestamp=InvoiceDate', ...maps],
});

const mapped = (options: MappingOptions, row = LINE, header = HEADER): Record<string, unknown> =>
  JSON.parse(compileMapping(options, tableColumns(header, true)).map(row, 'hash:7').json) as Record<
    string,
    unknown
  >;

const jsonRow = (text: string): SourceRow => ({
  number: 7,
  line: 7,
  text,
  problem: undefined,
  members: jsonMembers(text),
});
const mappedJson = (options: MappingOptions, text: string): MappedEvent => {
  const row = jsonRow(text);
  return compileMapping(options, objectColumns([row], false)).map(row, 'hash:7');
};

test('a row becomes an event', () => {
  const event = mapped(
    withMaps('user_id=CustomerID', 'value=Quantity*UnitPrice', 'context.country=Country', "currency='GBP'"),
  );
  assert.deepEqual(event, {
    id: 'hash:7',
    timestamp: Date.UTC(2010, 11, 1, 8, 26),
    type: 'order_line',
    user_id: '17850',
    context: { country: 'United Kingdom' },
    value: 15.3,
    currency: 'GBP',
    properties: { InvoiceNo: 536365, StockCode: '007A', Quantity: 6, UnitPrice: 2.55 },
  });
});

test('columns that are mapped as they are leave the properties; those in expressions stay', () => {
  assert.deepEqual(Object.keys(mapped(withMaps('value=Quantity*UnitPrice'))['properties'] as object), [
    ...['InvoiceNo', 'StockCode', 'Quantity', 'UnitPrice', 'CustomerID', 'Country'],
  ]);
  assert.deepEqual(mapped({ ...BASE, properties: false })['properties'], undefined);
  assert.deepEqual(mapped({ ...BASE, select: ['Country', 'InvoiceNo'] })['properties'], {
    InvoiceNo: 536365,
    Country: 'United Kingdom',
  });
  assert.deepEqual(
    mapped({ ...BASE, omit: ['InvoiceNo', 'StockCode', 'Quantity', 'UnitPrice'] })['properties'],
    {
      CustomerID: 17850,
      Country: 'United Kingdom',
    },
  );
  assert.deepEqual(
    mapped({ ...withMaps('properties.code=text(InvoiceNo)', 'properties.n=Quantity'), select: ['Country'] })[
      'properties'
    ],
    {
      code: '536365',
      n: 6,
      Country: 'United Kingdom',
    },
  );
});

test('empty cells are absent', () => {
  const row = tableRow('536365', '', '6', '2010-12-01T08:26:00', '2.55', '', '');
  const event = mapped(
    withMaps('user_id=CustomerID', 'context.country=Country', 'value=Quantity*CustomerID'),
    row,
  );
  assert.deepEqual(event, {
    id: 'hash:7',
    timestamp: Date.UTC(2010, 11, 1, 8, 26),
    type: 'order_line',
    properties: { InvoiceNo: 536365, Quantity: 6, UnitPrice: 2.55 },
  });
});

test('cells that look like numbers are numbers, the others text', () => {
  const numbers = ['0', '6', '-1', '2.50', '123456789012345', '0.00001'];
  const texts = [
    '',
    '007',
    '+1',
    '1.',
    '.5',
    '1e5',
    '-0',
    '1 000',
    '1,5',
    '1234567890123456',
    'NaN',
    '0x10',
    '٣',
    ' 1',
  ];
  for (const text of numbers) assert.equal(cellJson(text), text);
  for (const text of texts) assert.equal(cellJson(text), JSON.stringify(text));
});

test('property: a cell written as a number says the same number', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.double().map(String), fc.bigInt().map(String)), (text) => {
      const json = cellJson(text);
      const back: unknown = JSON.parse(json);
      if (typeof back === 'string') assert.equal(back, text);
      else
        assert.equal(
          formatDecimal(parseDecimal(String(back)) ?? decimalOf(0)),
          formatDecimal(parseDecimal(text) ?? decimalOf(1)),
        );
    }),
  );
});

test('columns with the name of a field are that field, but for id', () => {
  const header = ['id', 'timestamp', 'type', 'user_id', 'context.os', 'x'];
  const row = tableRow('1', '2010-12-01T08:26:00Z', 'sale', 'u1', 'Linux', 'y');
  assert.deepEqual(mapped({}, row, header), {
    id: 'hash:7',
    timestamp: Date.UTC(2010, 11, 1, 8, 26),
    type: 'sale',
    user_id: 'u1',
    context: { os: 'Linux' },
    properties: { id: 1, x: 'y' },
  });
  assert.equal(mapped({ idColumn: 'id' }, row, header)['id'], '1');
  assert.equal(mapped({ maps: ["id=concat('a-', id)"] }, row, header)['id'], 'a-1');
  assert.equal(compileMapping({ idColumn: 'id' }, tableColumns(header, true)).hasOwnIds, true);
  assert.equal(compileMapping({}, tableColumns(header, true)).hasOwnIds, false);
});

test('a column may be named as it is, spaces and all', () => {
  const header = ['Order Date', 'Customer ID', 'a-b'];
  const row = tableRow('01/12/2010 08:26', 'c1', '3');
  const options = {
    type: 't',
    maps: ['timestamp=Order Date', 'user_id = Customer ID', 'value=a-b'],
    dateFormat: 'DD/MM/YYYY HH:mm',
  };
  assert.deepEqual(mapped({ ...options, timezone: 'Europe/Berlin' }, row, header), {
    id: 'hash:7',
    timestamp: Date.UTC(2010, 11, 1, 7, 26),
    type: 't',
    user_id: 'c1',
    value: 3,
  });
});

test('mappings that cannot work are refused with what to say instead', () => {
  const cases: [MappingOptions, RegExp][] = [
    [{}, /needs a type[\s\S]*--map timestamp=InvoiceDate[\s\S]*Columns: InvoiceNo/u],
    [{ type: 'x' }, /Which column is the time\? Say --map timestamp=InvoiceDate/u],
    [withMaps('user=CustomerID'), /no field "user"\. Did you mean "user_id"/u],
    [withMaps('country=Country'), /It is context\.country/u],
    [withMaps('color=Country'), /properties\.color/u],
    [withMaps('user_id=CustomerId'), /no column "CustomerId"\. Did you mean "CustomerID"/u],
    [withMaps('value=Quantity*'), /--map value: Unexpected end/u],
    [withMaps('CustomerID'), /write field=column/u],
    [{ ...BASE, idColumn: 'InvoiceNr' }, /Did you mean "InvoiceNo"/u],
    [{ ...BASE, omit: ['Contry'] }, /--omit: there is no column "Contry"/u],
    [{ ...BASE, select: ['Contry'] }, /--select/u],
    [{ ...BASE, timezone: 'Mars' }, /no time zone/u],
    [{ ...BASE, dateFormat: 'dunno' }, /date format/u],
  ];
  for (const [options, message] of cases) {
    assert.throws(
      () => mapped(options),
      (error) => error instanceof ImportError && message.test(error.message),
      String(message),
    );
  }
});

test('rows that do not fit are said so, naming the field', () => {
  const cases: [MappingOptions, SourceRow, string, RegExp][] = [
    [
      BASE,
      tableRow('1', '2', '3', 'soon', '5', '6', '7'),
      'invalid_timestamp',
      /^timestamp \(InvoiceDate\): "soon"/u,
    ],
    [BASE, tableRow('1', '2', '3', '', '5', '6', '7'), 'invalid_timestamp', /is empty/u],
    [
      withMaps('value=Quantity*UnitPrice'),
      tableRow('1', '2', 'x', '2010-12-01', '5', '6', '7'),
      'invalid_number',
      /^value \(Quantity\*UnitPrice\): "x"/u,
    ],
    [
      withMaps('value=Country'),
      tableRow('1', '2', '3', '2010-12-01', '5', '6', 'UK'),
      'invalid_number',
      /^value \(Country\): "UK" is not a number/u,
    ],
    [
      withMaps('id=CustomerID'),
      tableRow('1', '2', '3', '2010-12-01', '5', '', 'UK'),
      'invalid_field',
      /^id .*empty/u,
    ],
  ];
  for (const [options, row, code, message] of cases) {
    assert.throws(
      () => mapped(options, row),
      (error) => error instanceof RowError && error.code === code && message.test(error.message),
      String(message),
    );
  }
});

test('json rows keep the text of what is not mapped', () => {
  const text =
    '{"order_date":"2016-12-26T09:28:48+00:00","customer_id":38,"total":36.98,"big":12345678901234567890,"f":1.0,"n":null,"geoip":{"country_iso_code":"EG","x":[1, 2]}}';
  const options = {
    type: 'order',
    maps: [
      'timestamp=order_date',
      'user_id=customer_id',
      'value=total',
      'context.country=geoip.country_iso_code',
    ],
  };
  assert.equal(
    mappedJson(options, text).json,
    '{"id":"hash:7","timestamp":1482744528000,"type":"order","user_id":"38","value":36.98,"context":{"country":"EG"},' +
      '"properties":{"big":12345678901234567890,"f":1.0,"n":null,"geoip":{"country_iso_code":"EG","x":[1, 2]}}}',
  );
  assert.throws(
    () => mappedJson({ ...options, maps: ['timestamp=order_date', 'user_id=geoip'] }, text),
    /user_id \(geoip\).*is not a text/u,
  );
  assert.throws(
    () => mappedJson({ ...options, maps: ['timestamp=order_date', 'user_id=custmer_id'] }, text),
    /customer_id.*--sparse/su,
  );
});

test('json rows that are events stay events when a field is mapped', () => {
  const text =
    '{"type":"a","timestamp":1482744528000,"context":{"os":"Linux","country":"DE","z":1},"properties":{"p":1.50,"x":2},"x":3}';
  assert.equal(
    mappedJson({ maps: ["context.country='FR'", 'properties.y=x'] }, text).json,
    '{"id":"hash:7","timestamp":1482744528000,"type":"a","context":{"os":"Linux","country":"FR","z":1},"properties":{"y":3,"p":1.50,"x":2}}',
  );
  assert.doesNotMatch(mappedJson({ type: 'b', omit: ['context', 'properties'] }, text).json, /"z"|"p"/u);
});

test('events pass through byte for byte', () => {
  const pass = (text: string): MappedEvent => passThrough.map(jsonRow(text), 'hash:7');
  const own = '{ "type":"a", "event_id" : 5, "timestamp":"2020-01-01T00:00:00Z" }';
  assert.deepEqual(pass(own), { id: '5', json: own, timeMs: Date.UTC(2020, 0, 1) });
  const nested = '{"metadata":{"event_id":"e1","timestamp":1577836800000},"payload":{"event_type":"a"}}';
  assert.deepEqual(pass(nested), { id: 'e1', json: nested, timeMs: Date.UTC(2020, 0, 1) });
  assert.equal(pass('{ "type":"a","x":1.0}').json, '{"id":"hash:7","type":"a","x":1.0}');
  assert.equal(pass('{"type":"a","id":null,"x":1.0}').json, '{"id":"hash:7","type":"a","x":1.0}');
  assert.equal(pass('{}').json, '{"id":"hash:7"}');
  assert.equal(isMappingNeeded({}), false);
  assert.equal(isMappingNeeded({ maps: [] }), false);
  assert.equal(isMappingNeeded({ properties: false }), true);
  assert.equal(isMappingNeeded({ type: 'x' }), true);
});

test('json rows without type are told from events', () => {
  const rows = (...texts: string[]): SourceRow[] => texts.map(jsonRow);
  assert.doesNotThrow(() => checkAreEvents(rows('{"type":"a"}', '{"event_type":"a"}', '{}'), []));
  assert.doesNotThrow(() => checkAreEvents([], []));
  assert.throws(
    () => checkAreEvents(rows('{"a":1}', '{"type":"a"}', '{"b":1}'), ['a', 'b', 'a.c']),
    /no type[\s\S]*Columns: a, b\./u,
  );
});

test('property: whatever the cells hold, the event is valid JSON with their text', () => {
  const header = ['when', 'who', 'what "quoted"', 'é'];
  const mapper = compileMapping(
    { type: 't', maps: ['timestamp=when', 'user_id=who', 'context.page=who'] },
    tableColumns(header, true),
  );
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.string({ unit: 'grapheme' }),
      (who, what, other) => {
        const { json } = mapper.map(tableRow('2010-12-01', who, what, other), 'hash:7');
        const event = JSON.parse(json) as { user_id?: string; properties?: Record<string, string | number> };
        assert.equal(event.user_id ?? '', who);
        assert.equal(String(event.properties?.['what "quoted"'] ?? ''), what);
        assert.equal(String(event.properties?.['é'] ?? ''), other);
      },
    ),
  );
});

test('the list of fields is that of the decoder', () => {
  assert.ok(
    TARGETS.includes('context.country') && TARGETS.includes('user_id') && TARGETS.includes('timestamp'),
  );
  assert.equal(new Set(TARGETS).size, TARGETS.length);
});

test('online retail: the published counts and sums come out of the mapping', {
  skip: existsSync(RETAIL) ? false : 'online_retail_uci is not here',
}, async () => {
  const reader = await openRows(await openSource(RETAIL, Readable.from([])), {});
  const options = {
    type: 'order_line',
    maps: ['timestamp=InvoiceDate', 'user_id=CustomerID', 'value=Quantity*UnitPrice'],
    timezone: 'Europe/London',
  };
  const mapper = compileMapping(options, reader.columns);
  const users = new Map<string, Decimal>();
  const [invoices, codes] = [new Set<unknown>(), new Set<unknown>()];
  let [rows, withUser, total, britain] = [0, 0, decimalOf(0), decimalOf(0)];
  for await (const batch of reader.batches()) {
    for (const row of batch.rows) {
      const text = mapper.map(row, `hash:${row.number}`).json;
      const event = JSON.parse(text) as { user_id?: string; properties: Record<string, unknown> };
      const amount = parseDecimal(/"value":(-?[\d.]+)/u.exec(text)?.[1] ?? '0') ?? decimalOf(0);
      rows += 1;
      total = addDecimals(total, amount);
      invoices.add(event.properties['InvoiceNo']);
      codes.add(event.properties['StockCode']);
      if (event.properties['Country'] === 'United Kingdom') britain = addDecimals(britain, amount);
      if (event.user_id === undefined) continue;
      withUser += 1;
      users.set(event.user_id, addDecimals(users.get(event.user_id) ?? decimalOf(0), amount));
    }
  }
  await reader.close();
  assert.deepEqual(
    [rows, withUser, users.size, invoices.size, codes.size],
    [541_909, 406_829, 4_372, 25_900, 4_070],
  );
  assert.deepEqual([formatDecimal(total), formatDecimal(britain)], ['9747747.934', '8187806.364']);
  const top = ['14646', '18102', '17450'].map((user) => formatDecimal(users.get(user) ?? decimalOf(0)));
  assert.deepEqual(top, ['279489.02', '256438.49', '187482.17']);
});
