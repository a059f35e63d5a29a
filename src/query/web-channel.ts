import type { Channel } from '../contract/web.ts';
import { bind, type Sql, sql } from './sql.ts';

/** Where visits come from: hosts that search, hosts of social networks, and what `utm_medium` says. Shown on the page of web analytics; a test compares them. */

/** Hosts without `www.`; a host below one of them counts as well. A star stands for the rest of the name. */
export const SEARCH_HOSTS = [
  'google.*',
  'bing.com',
  'duckduckgo.com',
  'search.yahoo.com',
  'yahoo.co.jp',
  'ecosia.org',
  'baidu.com',
  'yandex.*',
  'ya.ru',
  'search.brave.com',
  'qwant.com',
  'startpage.com',
  'search.naver.com',
  'seznam.cz',
  'sogou.com',
  'kagi.com',
  'com.google.android.googlequicksearchbox',
] as const;

/** As above. */
export const SOCIAL_HOSTS = [
  'facebook.com',
  'instagram.com',
  't.co',
  'twitter.com',
  'x.com',
  'linkedin.com',
  'lnkd.in',
  'com.linkedin.android',
  'reddit.com',
  'youtube.com',
  'youtu.be',
  'pinterest.*',
  'tiktok.com',
  'threads.net',
  'threads.com',
  'bsky.app',
  'mastodon.social',
  'vk.com',
  't.me',
  'whatsapp.com',
  'snapchat.com',
  'tumblr.com',
  'quora.com',
  'news.ycombinator.com',
] as const;

/** Values of `utm_medium`, in lower case. */
export const PAID_MEDIUMS = [
  'cpc',
  'ppc',
  'cpm',
  'cpv',
  'cpa',
  'paid',
  'paid_search',
  'paidsearch',
  'paid-search',
  'paid_social',
  'paidsocial',
  'paid-social',
  'display',
  'banner',
  'retargeting',
] as const;
export const EMAIL_MEDIUMS = ['email', 'e-mail', 'mail', 'newsletter'] as const;
export const SOCIAL_MEDIUMS = ['social', 'social-network', 'social-media', 'social_media', 'sm'] as const;

/** A search engine's other services, such as mail, are no search: of hosts with a star only the host itself counts. */
const patternOf = (hosts: readonly string[]): string => {
  const escaped = (host: string): string => host.replaceAll('.', '\\.');
  const open = hosts.filter((host) => !host.endsWith('.*')).map(escaped);
  const exact = hosts
    .filter((host) => host.endsWith('.*'))
    .map((host) => `${escaped(host.slice(0, -2))}\\.[a-z]{2,3}(\\.[a-z]{2})?`);
  return `^((.+\\.)?(${open.join('|')})|(${exact.join('|')}))$`;
};

const SEARCH = patternOf(SEARCH_HOSTS);
const SOCIAL = patternOf(SOCIAL_HOSTS);

/** The channel of a session: the first rule that holds. `source`, `medium` and `campaign` are texts, empty where absent; `host` is the referrer's, empty for direct. */
export const channelSql = (host: Sql, medium: Sql, isCampaign: Sql): Sql => {
  const isOneOf = (mediums: readonly string[]) => sql`lower(${medium}) IN ${bind('Array(String)', mediums)}`;
  const is = (channel: Channel) => bind('String', channel);
  return sql`multiIf(
    ${isOneOf(PAID_MEDIUMS)}, ${is('paid')},
    ${isOneOf(EMAIL_MEDIUMS)}, ${is('email')},
    ${isOneOf(SOCIAL_MEDIUMS)} OR match(${host}, ${bind('String', SOCIAL)}), ${is('social')},
    match(${host}, ${bind('String', SEARCH)}), ${is('search')},
    ${isCampaign}, ${is('campaign')},
    ${host} != '', ${is('referral')},
    ${is('direct')})`;
};
