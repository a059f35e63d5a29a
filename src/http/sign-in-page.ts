import { readFileSync } from 'node:fs';

/** The page that whoever is not signed in sees: plain, and needing nothing of the dashboard. */

/** Files of the page, by address. */
export const SIGN_IN_ASSETS = {
  '/login/sign-in.css': { file: './sign-in-page.css', type: 'text/css; charset=utf-8' },
  '/login/sign-in.js': { file: './sign-in-page.client.mjs', type: 'text/javascript; charset=utf-8' },
} as const;

/** The bytes of one of the page's files. */
export const readSignInAsset = (address: keyof typeof SIGN_IN_ASSETS): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(SIGN_IN_ASSETS[address].file, import.meta.url)));

const USED_LINK =
  '<p class="notice" role="alert">This link does not sign in any more: a link works once, and for ten minutes. Print another, as below.</p>';

/** The page. `isAfterLink`: somebody came by a link that is no good any more. */
export const signInPage = (isAfterLink: boolean): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<title>Sign in · Aevum</title>
<link rel="stylesheet" href="/login/sign-in.css">
<script src="/login/sign-in.js" type="module"></script>
</head>
<body>
<main>
<div class="brand"><svg width="28" height="28" viewBox="0 0 32 32" aria-hidden="true"><rect class="ground" width="32" height="32" rx="8"/><path d="M6 19h5l3-9 5 13 3-8h4" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/></svg>Aevum</div>
<h1>Sign in</h1>
${isAfterLink ? USED_LINK : ''}
<section>
<h2>By link</h2>
<p>On the machine that runs Aevum, in its folder, print a link and open it:</p>
<pre tabindex="0"><code>node bin/aevum.mjs login</code></pre>
<p class="soft">With its data elsewhere, add <code>--data-dir &lt;folder&gt;</code>. The link works once.</p>
</section>
<form id="form" novalidate>
<h2><label for="key">Or with an admin key</label></h2>
<div class="row">
<input id="key" name="key" type="password" autocomplete="current-password" spellcheck="false" autocapitalize="off" placeholder="aev_a_…" required aria-describedby="hint problem">
<button type="submit">Sign in</button>
</div>
<p id="problem" class="problem" role="alert" hidden></p>
<p id="hint" class="soft">The first one is in <code>credentials.json</code> in the data folder.</p>
</form>
<noscript><p class="notice">This page needs JavaScript. Everything it leads to is also answered by the <a href="/api/docs">API</a>.</p></noscript>
<p class="foot"><a href="/api/docs">API reference</a></p>
</main>
</body>
</html>
`;
