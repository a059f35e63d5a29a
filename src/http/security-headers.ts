/** What keeps browsers out of trouble. */

/** The policy of answers that are no pages: whatever is in them, nothing of it is run or loaded. */
const ANSWER_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** Headers of every answer that does not say otherwise. Answers are for programs: not to be kept, framed or guessed at. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'content-security-policy': ANSWER_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
};

/** The policy of the pages: scripts, styles, fonts and connections of our own, from files; nothing inline, nothing from elsewhere. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Headers of a page. Its own requests name their origin, others' are not told where they come from. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': PAGE_POLICY,
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** Headers of the page that shows what a share link leads to: nobody is told where it is, and no search engine keeps it. */
export const SHARE_PAGE_HEADERS: Readonly<Record<string, string>> = {
  ...PAGE_HEADERS,
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex, nofollow, noarchive',
};
