import { readFileSync } from 'node:fs';

/** The pages that whoever is not signed in sees: plain, and needing nothing of the dashboard. */

/** Files of the pages, by address. */
export const SIGN_IN_ASSETS = {
  '/login/sign-in.css': { file: './sign-in-page.css', type: 'text/css; charset=utf-8' },
  '/login/sign-in.js': { file: './sign-in-page.client.mjs', type: 'text/javascript; charset=utf-8' },
  '/login/link.js': { file: './link-page.client.mjs', type: 'text/javascript; charset=utf-8' },
  '/login/page-forms.client.mjs': { file: './page-forms.client.mjs', type: 'text/javascript; charset=utf-8' },
} as const;

/** The bytes of one of the pages' files. */
export const readSignInAsset = (address: keyof typeof SIGN_IN_ASSETS): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(SIGN_IN_ASSETS[address].file, import.meta.url)));

const BRAND =
  '<div class="brand"><svg width="28" height="28" viewBox="0 0 32 32" aria-hidden="true"><rect class="ground" width="32" height="32" rx="8"/><path d="M6 19h5l3-9 5 13 3-8h4" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/></svg>Aevum</div>';

const page = (title: string, script: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<title>${title} · Aevum</title>
<link rel="stylesheet" href="/login/sign-in.css">
<script src="${script}" type="module"></script>
</head>
<body>
<main>
${BRAND}
${body}
<noscript><p class="notice">This page needs JavaScript. Everything it leads to is also answered by the <a href="/api/docs">API</a>.</p></noscript>
</main>
</body>
</html>
`;

/** Works once the script listens: until then the browser would send what is typed in the page's address. */
const SUBMIT = '<button type="submit" disabled>';

const USED_LINK =
  '<p class="notice" role="alert">This link does not sign in any more: a link works once, and for ten minutes. Print another, as below.</p>';

/** What the sign-in page is shown with. */
export interface SignInPageOptions {
  /** Somebody came by a link that is no good any more. */
  readonly isAfterLink: boolean;
  /** There are people with a password. Until then, the other ways stand open. */
  readonly hasUsers: boolean;
}

/** The page on which people sign in. */
export const signInPage = ({ isAfterLink, hasUsers }: SignInPageOptions): string =>
  page(
    'Sign in',
    '/login/sign-in.js',
    `<h1>Sign in</h1>
${isAfterLink ? USED_LINK : ''}
<form id="password-form" novalidate>
<label for="email">E-mail</label>
<input id="email" name="email" type="email" autocomplete="username" spellcheck="false" autocapitalize="off" required aria-describedby="password-problem">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required aria-describedby="password-problem">
<p id="password-problem" class="problem" role="alert" hidden></p>
${SUBMIT}Sign in</button>
<p class="soft">Forgotten? Whoever runs Aevum makes a link for a new one: <code>aevum users reset</code>.</p>
</form>
<details${isAfterLink || !hasUsers ? ' open' : ''}>
<summary>By link, or with an admin key</summary>
<h2>By link</h2>
<p>On the machine that runs Aevum, in its folder, print a link and open it:</p>
<pre tabindex="0"><code>node bin/aevum.mjs login</code></pre>
<p class="soft">With its data elsewhere, add <code>--data-dir &lt;folder&gt;</code>. The link works once.</p>
<form id="form" novalidate>
<h2><label for="key">With an admin key</label></h2>
<div class="row">
<input id="key" class="mono" name="key" type="password" autocomplete="off" spellcheck="false" autocapitalize="off" placeholder="aev_a_…" required aria-describedby="hint problem">
${SUBMIT}Sign in</button>
</div>
<p id="problem" class="problem" role="alert" hidden></p>
<p id="hint" class="soft">The first one is in <code>credentials.json</code> in the data folder.</p>
</form>
</details>
<p class="foot"><a href="/api/docs">API reference</a></p>`,
  );

const PASSWORD_HINT =
  '<p id="password-hint" class="soft">10 characters or more. A few words in a row are easy to keep in mind.</p>';

/** The page to which the link of an invitation leads. What it says is asked for with the token, which stands behind `#`. */
export const invitationPage = (): string =>
  page(
    'Invitation',
    '/login/link.js',
    `<h1 id="title">Invitation</h1>
<p id="lead" role="status">Looking at the invitation …</p>
<form id="link-form" data-link="invitation" novalidate hidden>
<div id="name-field">
<label for="name">Your name</label>
<input id="name" name="name" autocomplete="name" maxlength="100" required aria-describedby="link-problem">
</div>
<label for="email">E-mail</label>
<input id="email" name="email" type="email" autocomplete="username" readonly>
<div id="password-field">
<label for="password">Password</label>
<input id="password" name="password" type="password" required aria-describedby="password-hint link-problem">
${PASSWORD_HINT}
</div>
<p id="link-problem" class="problem" role="alert" hidden></p>
${SUBMIT}Join</button>
</form>
<p class="foot"><a href="/">To the dashboard</a></p>`,
  );

/** The page to which the link leads that sets a password. */
export const passwordPage = (): string =>
  page(
    'New password',
    '/login/link.js',
    `<h1 id="title">New password</h1>
<p id="lead" role="status">Looking at the link …</p>
<form id="link-form" data-link="password" novalidate hidden>
<label for="email">E-mail</label>
<input id="email" name="email" type="email" autocomplete="username" readonly>
<label for="password">New password</label>
<input id="password" name="password" type="password" autocomplete="new-password" required aria-describedby="password-hint link-problem">
${PASSWORD_HINT}
<p id="link-problem" class="problem" role="alert" hidden></p>
${SUBMIT}Set password and sign in</button>
</form>
<p class="foot"><a href="/">To the dashboard</a></p>`,
  );
