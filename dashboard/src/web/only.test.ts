import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WebOnly } from '../../../src/contract/web.ts';
import { CLEARED, narrowingsOf, onlyOf, toggled } from './only.ts';

/** The address after a press. */
const after = (search: string, list: keyof WebOnly, value: string | null): string => {
  const parameters = new URLSearchParams(search);
  for (const [name, text] of Object.entries(toggled(onlyOf(search), list, value)))
    if (text === null) parameters.delete(name);
    else parameters.set(name, text);
  return parameters.toString();
};

test('whatever is chosen comes back from the address', () => {
  const values = [
    '/a,b',
    'back\\slash',
    '\\-',
    '-',
    '<script>',
    '',
    ' ',
    'ü/?&=#%2C',
    '\\',
    ',',
    null,
    'line\nbreak',
  ];
  let search = 'project=demo&range=today';
  for (const value of values.filter((each) => each !== '')) search = after(search, 'pages', value);
  search = after(search, 'countries', 'DE');
  assert.deepEqual(onlyOf(search), { pages: values.filter((each) => each !== ''), countries: ['DE'] });
  for (const value of values) if (value !== '') search = after(search, 'pages', value);
  assert.deepEqual(onlyOf(search), { countries: ['DE'] });
  assert.match(search, /^project=demo&range=today&/);
});

test('an address that somebody made up does no harm', () => {
  assert.deepEqual(onlyOf('?pages=,,&channels=&sources=\\&nonsense=1&countries=DE,DE'), {
    countries: ['DE'],
  });
  assert.equal(
    onlyOf(`?pages=${Array.from({ length: 500 }, (_, n) => `/${n}`).join(',')}`).pages?.length,
    50,
  );
});

test('what the page is narrowed to, in words', () => {
  assert.deepEqual(
    narrowingsOf({ countries: ['DE', null], channels: ['search'], sources: [null] }).map(({ text }) => text),
    ['Channel: Search', 'Source: Direct or none', 'Country: Germany', 'Country: Unknown'],
  );
  assert.deepEqual(onlyOf(''), {});
  assert.equal(
    Object.values(CLEARED).every((value) => value === null),
    true,
  );
});
