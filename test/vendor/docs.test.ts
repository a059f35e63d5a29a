import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { TYPES as POSTHOG_TYPES } from '../../src/collect/vendor/posthog/names.ts';
import { TYPES as SEGMENT_TYPES } from '../../src/collect/vendor/segment/names.ts';
import { flagOf, OPTION_KEYS } from '../../src/config/options.ts';
import { vendorMatchOf } from '../../src/http/vendor-paths.ts';

const PAGE = readFileSync(new URL('../../docs/drop-in.md', import.meta.url), 'utf8');
const { devDependencies } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { devDependencies: Record<string, string> };

test('the page names every type as the program gives it', () => {
  for (const [name, type] of [...Object.entries(SEGMENT_TYPES), ...POSTHOG_TYPES])
    assert.ok(PAGE.includes(`| \`${name}\` | \`${type}\` |`), name);
});

test('the addresses on the page are answered', () => {
  const paths = PAGE.slice(PAGE.indexOf('## What is sent')).match(/`\/[\w/.<>]+`/g) ?? [];
  assert.ok(paths.length > 20);
  for (const path of paths)
    assert.ok(vendorMatchOf(path.slice(1, -1).replace('<key>', 'k')) !== undefined, path);
});

test('the versions on the page are those that are tested', () => {
  const named = [...PAGE.matchAll(/`((?:@segment|posthog)[\w/-]+)` (\d[\d.]+\d)/g)];
  assert.equal(named.length, 4);
  for (const [, name = '', version] of named) assert.equal(version, devDependencies[name], name);
});

test('the options on the page are options', () => {
  for (const name of [
    'public-url',
    'stale-limit-ms',
    'body-bytes-max',
    'request-events-max',
    'event-bytes-max',
    'depth-max',
  ]) {
    assert.ok(PAGE.includes(`\`${name}\``), name);
    assert.ok(
      OPTION_KEYS.some((key) => flagOf(key) === name),
      name,
    );
  }
});
