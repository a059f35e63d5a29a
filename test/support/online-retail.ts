import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';

/** The order lines of the UCI "Online Retail" data, and answers computed from the file itself: with nothing of the platform. */

/** An order line. */
export interface OrderLine {
  readonly customer: string;
  readonly country: string;
  /** Local date and time, as in the file. */
  readonly at: string;
  /** Quantity times price, in thousandths. */
  readonly thousandths: bigint;
}

type Column = 'CustomerID' | 'Country' | 'InvoiceDate' | 'Quantity' | 'UnitPrice';

const thousandthsOf = (price: string): bigint => {
  const [whole = '', fraction = ''] = price.replace('-', '').split('.');
  const amount = BigInt(whole + fraction.padEnd(3, '0'));
  return price.startsWith('-') ? -amount : amount;
};

/** Every line of the file. */
export const readOrderLines = (path: string): OrderLine[] =>
  parse<Record<Column, string>>(gunzipSync(readFileSync(path)), { columns: true }).map((row) => ({
    customer: row.CustomerID,
    country: row.Country,
    at: row.InvoiceDate,
    thousandths: BigInt(row.Quantity) * thousandthsOf(row.UnitPrice),
  }));

const decimal = (thousandths: bigint): string => {
  const digits = (thousandths < 0n ? -thousandths : thousandths).toString().padStart(4, '0');
  const text = `${digits.slice(0, -3)}.${digits.slice(-3)}`.replace(/\.?0+$/u, '');
  return `${thousandths < 0n ? '-' : ''}${text}`;
};

/** Revenue by a column as exact decimal text, the largest first. Lines without it are left out. */
export const revenueBy = (
  lines: readonly OrderLine[],
  column: 'customer' | 'country',
): { readonly name: string; readonly revenue: string }[] => {
  const sums = new Map<string, bigint>();
  for (const line of lines)
    if (line[column] !== '') sums.set(line[column], (sums.get(line[column]) ?? 0n) + line.thousandths);
  return [...sums]
    .sort(([a, x], [b, y]) => (x === y ? (a < b ? -1 : 1) : x < y ? 1 : -1))
    .map(([name, sum]) => ({ name, revenue: decimal(sum) }));
};

const MONTHS = 12;

/** Months since the year 0 of a local date. */
const monthOf = (at: string): number => Number(at.slice(0, 4)) * MONTHS + Number(at.slice(5, 7)) - 1;

/** Customers by the month of their first line, the earliest first: how many of them had a line so many months later. */
export const monthlyCohorts = (lines: readonly OrderLine[], months: number): number[][] => {
  const active = new Map<string, Set<number>>();
  for (const { customer, at } of lines) {
    if (customer === '') continue;
    const own = active.get(customer) ?? new Set();
    active.set(customer, own.add(monthOf(at)));
  }
  const cohorts = Map.groupBy(active.values(), (own) => Math.min(...own));
  return [...cohorts]
    .sort(([a], [b]) => a - b)
    .map(([first, members]) =>
      Array.from({ length: months }, (_, later) => members.filter((own) => own.has(first + later)).length),
    );
};
