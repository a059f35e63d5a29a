import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Channel } from '../contract/web.ts';
import { bind, sql, toStatement } from './sql.ts';
import { openTestWarehouse } from './testing/test-warehouse.ts';
import {
  channelSql,
  EMAIL_MEDIUMS,
  PAID_MEDIUMS,
  SEARCH_HOSTS,
  SOCIAL_HOSTS,
  SOCIAL_MEDIUMS,
} from './web-channel.ts';

/** Host, medium, whether a campaign is named, and the channel. */
const CASES: readonly (readonly [string, string, boolean, Channel])[] = [
  ['', '', false, 'direct'],
  ['', '', true, 'campaign'],
  ['', 'qr', true, 'campaign'],
  ['google.com', '', false, 'search'],
  ['google.co.uk', '', false, 'search'],
  ['mail.google.com', '', false, 'referral'],
  ['notgoogle.com', '', false, 'referral'],
  ['google.evil.com', '', false, 'referral'],
  ['google.com.au', '', false, 'search'],
  ['cn.bing.com', '', false, 'search'],
  ['bing.com.example', '', false, 'referral'],
  ['google.com', 'CPC', true, 'paid'],
  ['l.facebook.com', '', false, 'social'],
  ['t.co', '', true, 'social'],
  ['at.co', '', false, 'referral'],
  ['', 'Social', true, 'social'],
  ['facebook.com', 'paid_social', true, 'paid'],
  ['google.com', 'Newsletter', true, 'email'],
  ['news.example', '', false, 'referral'],
  ['news.example', 'referral', true, 'campaign'],
];

test('channels go by the first rule that holds', async () => {
  const bench = await openTestWarehouse();
  try {
    for (const [host, medium, isCampaign, expected] of CASES) {
      const channel = channelSql(
        sql`${bind('String', host)}`,
        sql`${bind('String', medium)}`,
        isCampaign ? sql`1` : sql`0`,
      );
      const { text, params } = toStatement(sql`SELECT ${channel} AS channel`);
      const { rows } = await bench.warehouse.query(text, { ...params });
      assert.deepEqual(rows, [{ channel: expected }], `${host} ${medium}`);
    }
  } finally {
    await bench.close();
  }
});

test('the page names every host and medium', () => {
  const page = readFileSync(new URL('../../docs/insights/web.md', import.meta.url), 'utf8');
  for (const list of [PAID_MEDIUMS, EMAIL_MEDIUMS, SOCIAL_MEDIUMS, SOCIAL_HOSTS, SEARCH_HOSTS])
    assert.ok(page.includes(list.map((name) => `\`${name}\``).join(', ')), list[0]);
});
