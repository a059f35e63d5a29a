import { readFileSync } from 'node:fs';

import {
  type Permission,
  PERMISSION_NAMES,
  PERMISSIONS,
  ROLE_PERMISSIONS,
  ROLES,
  SCOPE_PERMISSIONS,
  SCOPES,
} from '../access/permissions.ts';
import { DEFAULT_PROJECT, permissionsOfKey, permissionsOfRole } from '../access/principal.ts';
import { ERRORS } from '../event/errors.ts';
import { type OpenApiDocument } from './openapi.ts';
import { escapeHtml, Html, html, inline, jsonHtml, prose } from './reference-page-html.ts';
import {
  type Answer,
  exampleOf,
  type Media,
  type Reference,
  type Route,
  type Schema,
  toReference,
} from './reference-page-model.ts';
import { OWN_PLACE_DEPTH, fieldHtml, schemaAnchor, schemaHtml } from './reference-page-schema.ts';

/** Paths of the files that the page loads; all its requests go to where it came from. */
export const REFERENCE_ASSETS = {
  style: {
    path: '/api/docs/reference.css',
    file: './reference-page.css',
    contentType: 'text/css; charset=utf-8',
  },
  script: {
    path: '/api/docs/reference.js',
    file: './reference-page.client.mjs',
    contentType: 'text/javascript; charset=utf-8',
  },
} as const;

/** The text of one of the page's files. */
export const readReferenceAsset = ({ file }: { readonly file: string }): string =>
  readFileSync(new URL(file, import.meta.url), 'utf8');

/** What the page may load and do: its own style and script, nothing else. */
export const REFERENCE_POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The reference page of a document, whole. */
export const referencePage = (document: OpenApiDocument): string => {
  const reference = toReference(document);
  const groups = reference.tags.map((tag) => ({
    ...tag,
    routes: reference.routes.filter(({ tags }) => tags?.includes(tag.name)),
  }));
  return `<!doctype html>${
    html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${reference.title} API reference</title>
<link rel="stylesheet" href="${REFERENCE_ASSETS.style.path}">
<script src="${REFERENCE_ASSETS.script.path}" type="module"></script>
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
${navigation(reference, groups)}
<main id="content" tabindex="-1">
${introduction(reference)}
${groups.map((group) => groupHtml(group, reference))}
${schemasHtml(reference)}
</main>
<div id="announce" class="visually-hidden" role="status" aria-live="polite"></div>
</body>
</html>`.text
  }`;
};

interface Group {
  readonly name: string;
  readonly description: string;
  readonly routes: readonly Route[];
}

const slug = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/gu, '-');

const badge = (method: string): Html =>
  html`<span class="method method-${method}">${method.toUpperCase()}</span>`;

const navigation = (reference: Reference, groups: readonly Group[]): Html => html`<header class="bar">
  <a class="brand" href="#top"><svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true"><path d="M2 15 7 6l4 6 2.5-4L18 15" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/></svg>${reference.title} <span class="version">${reference.version}</span></a>
  <button type="button" class="icon-button" id="theme" hidden><span class="theme-label">Theme</span></button>
  <button type="button" class="icon-button menu-button" id="menu" aria-expanded="false" aria-controls="sidebar">Menu</button>
</header>
<nav id="sidebar" aria-label="Reference">
  <label class="visually-hidden" for="filter">Filter the reference</label>
  <div class="filter-box"><input id="filter" type="search" placeholder="Filter" autocomplete="off" spellcheck="false" aria-keyshortcuts="/"><kbd aria-hidden="true">/</kbd></div>
  <p class="nothing" id="nothing" hidden>Nothing of that name.</p>
  <section><h2>Start</h2><ul>
    <li><a href="#top">Overview</a></li><li><a href="#authentication">Authentication</a></li><li><a href="#errors">Errors</a></li>
  </ul></section>
  ${groups.map(
    (group) =>
      html`<section><h2>${group.name}</h2><ul>${group.routes.map(
        (route) =>
          html`<li><a href="#${route.operationId}" data-terms="${`${route.method} ${route.path} ${route.operationId} ${route.summary} ${route.description ?? ''}`.toLowerCase()}"><span>${route.summary}</span>${badge(route.method)}</a></li>`,
      )}</ul></section>`,
  )}
  <section><h2>Schemas</h2><ul>${Object.keys(reference.schemas)
    .sort()
    .map((name) => html`<li><a href="#${schemaAnchor(name)}"><span>${name}</span></a></li>`)}</ul></section>
</nav>`;

const copyBlock = (title: string, code: Html, language: string): Html => html`<figure class="code">
  <figcaption>${title}<button type="button" class="copy" data-copy aria-label="Copy: ${title}">Copy</button></figcaption>
  <pre tabindex="0" data-language="${language}"><code>${code}</code></pre>
</figure>`;

const introduction = (reference: Reference): Html => html`<section class="intro" id="top">
  <div class="text">
    <h1>${reference.title} API</h1>
    <p class="lead">${reference.description}</p>
    <p>Base address <code>${reference.url}</code>. The same description for programs: <a href="/api/openapi.json">openapi.json</a> (OpenAPI 3.1).</p>
  </div>
</section>
<section class="intro" id="authentication">
  <div class="text">
    <h2>Authentication</h2>
    <p>Every request but health and this page carries a key, in one of three ways: as bearer token, in the header <code>X-API-Key</code>, or as user name of Basic authentication. The keys of the first start are in <code>credentials.json</code> in the data directory; <code>aevum keys</code> makes more.</p>
    <table><thead><tr><th scope="col">Key</th><th scope="col">May</th></tr></thead><tbody>
      <tr><td><code>write</code></td><td>send events, nothing else: fit for browsers and devices</td></tr>
      <tr><td><code>read</code></td><td>ask questions</td></tr>
      <tr><td><code>admin</code></td><td>everything</td></tr>
    </tbody></table>
    <p>People sign in, and their role decides. Every address below says which permission it needs:</p>
    <div class="scroll" tabindex="0"><table><thead><tr><th scope="col">Permission</th><th scope="col">Allows to</th><th scope="col">Roles</th><th scope="col">Scopes of keys</th></tr></thead><tbody>
      ${PERMISSION_NAMES.map((name) => html`<tr><td><code>${name}</code></td><td>${PERMISSIONS[name]}</td><td>${rolesWith(name)}</td><td>${scopesWith(name)}</td></tr>`)}
    </tbody></table></div>
  </div>
  <div class="samples">${copyBlock('Set the keys for the examples', new Html(escapeHtml(KEYS_SHELL)), 'sh')}</div>
</section>
<section class="intro" id="errors">
  <div class="text">
    <h2>Errors</h2>
    <p>An error is <code>{"error": {"code", "message", "details"}}</code>. The code is stable and for programs; the message says what to do. Answers that are worth repeating (429 and 503) carry <code>Retry-After</code>.</p>
    <details><summary>All ${Object.keys(ERRORS).length} codes</summary><div class="scroll" tabindex="0"><table><thead><tr><th scope="col">Status</th><th scope="col">Code</th><th scope="col">Meaning and remedy</th></tr></thead><tbody>
      ${Object.entries(ERRORS).map(([code, kind]) => html`<tr><td>${kind.status}</td><td><code>${code}</code></td><td>${inline(`${kind.message} ${kind.remedy}`)}</td></tr>`)}
    </tbody></table></div></details>
  </div>
</section>`;

const rolesWith = (permission: Permission): string =>
  ROLES.filter((role) => ROLE_PERMISSIONS[role].has(permission)).join(', ') ||
  inDefault(ROLES.filter((role) => permissionsOfRole(DEFAULT_PROJECT, role).has(permission)));

const scopesWith = (permission: Permission): string =>
  SCOPES.filter((scope) => SCOPE_PERMISSIONS[scope].includes(permission)).join(', ') ||
  inDefault(SCOPES.filter((scope) => permissionsOfKey(DEFAULT_PROJECT, [scope]).has(permission)));

const inDefault = (granted: readonly string[]): string =>
  granted.length === 0 ? '-' : `${granted.join(', ')}, of the project ${DEFAULT_PROJECT}`;

const KEYS_SHELL =
  'export AEVUM_WRITE_KEY=...   # sends events\nexport AEVUM_READ_KEY=...    # asks questions\nexport AEVUM_ADMIN_KEY=...   # does both, and administers';

const groupHtml = (
  group: Group,
  reference: Reference,
): Html => html`<section class="group" aria-labelledby="group-${slug(group.name)}">
  <div class="group-head"><h2 id="group-${slug(group.name)}">${group.name}</h2><p>${group.description}</p></div>
  ${group.routes.map((route) => routeHtml(route, reference))}
</section>`;

const PERMISSION_WORDS: Readonly<Record<string, string>> = { none: 'no key', any: 'any key' };

const routeHtml = (
  route: Route,
  reference: Reference,
): Html => html`<article class="route" id="${route.operationId}">
  <div class="text">
    <h3><a class="anchor" href="#${route.operationId}">${route.summary}</a></h3>
    <p class="path">${badge(route.method)} <code>${pathHtml(route.path)}</code> <span class="permission">${PERMISSION_WORDS[route['x-aevum-permission']] ?? route['x-aevum-permission']}</span></p>
    ${prose(route.description)}
    ${parametersHtml(route, reference)}
    ${bodyHtml(route, reference)}
    ${answersHtml(route, reference)}
  </div>
  <div class="samples">
    ${copyBlock('Request', new Html(escapeHtml(curlOf(route, reference))), 'sh')}
    ${sampleAnswer(route, reference)}
  </div>
</article>`;

const pathHtml = (path: string): Html =>
  html`${path.split(/(\{[^}]+\})/u).map((part) => (part.startsWith('{') ? html`<var>${part}</var>` : part))}`;

const parametersHtml = (route: Route, reference: Reference): Html | undefined => {
  const parameters = route.parameters ?? [];
  if (parameters.length === 0) return undefined;
  const fields = parameters.map((parameter) => {
    const schema: Schema = {
      ...parameter.schema,
      ...(parameter.description === undefined ? {} : { description: parameter.description }),
    };
    return fieldHtml(parameter.name, schema, parameter.required ?? false, reference.schemas, 0);
  });
  const hasPath = parameters.some((parameter) => parameter.in === 'path');
  return html`<h4>${hasPath && parameters.every((parameter) => parameter.in === 'path') ? 'Path' : 'Parameters'}</h4><ul class="fields">${fields}</ul>`;
};

const bodyHtml = (route: Route, reference: Reference): Html | undefined => {
  const content = route.requestBody?.content;
  const schema = content?.['application/json']?.schema;
  if (content === undefined || schema === undefined) return undefined;
  const types = Object.keys(content).map((type, index) => html`${index > 0 && ' or '}<code>${type}</code>`);
  return html`<h4>Body <span class="media">${types}</span></h4>${schemaHtml(schema, reference.schemas)}`;
};

const answersHtml = (route: Route, reference: Reference): Html => html`<h4>Answers</h4><ul class="answers">
  ${Object.entries(route.responses).map(([status, answer]) => answerHtml(status, answer, reference))}
</ul>`;

const answerHtml = (status: string, answer: Answer, reference: Reference): Html => {
  const isOk = status.startsWith('2');
  const schema = answer.content?.['application/json']?.schema;
  const head = html`<span class="status status-${status.slice(0, 1)}">${status}</span>`;
  if (!isOk || schema === undefined) return html`<li>${head}<div>${prose(answer.description)}</div></li>`;
  return html`<li>${head}<div>${prose(answer.description)}<details><summary>Fields of the answer</summary>${schemaHtml(schema, reference.schemas)}</details></div></li>`;
};

const KEY_VARIABLES: Readonly<Record<string, string>> = {
  any: 'AEVUM_READ_KEY',
  'events:send': 'AEVUM_WRITE_KEY',
  'data:read': 'AEVUM_READ_KEY',
  'personal:read': 'AEVUM_READ_KEY',
  'platform:read': 'AEVUM_READ_KEY',
};

/** A curl command that can be pasted, with the example values of the document. */
export const curlOf = (route: Route, reference: Reference): string => {
  const example = (schema: Schema | undefined) => String(exampleOf(schema ?? {}, reference.schemas));
  const path = (route.parameters ?? [])
    .filter((parameter) => parameter.in === 'path')
    .reduce(
      (text, { name, schema }) => text.replace(`{${name}}`, encodeURIComponent(example(schema))),
      route.path,
    );
  const query = (route.parameters ?? [])
    .filter(
      (parameter) =>
        parameter.in === 'query' &&
        (parameter.schema?.example !== undefined || parameter.required === true) &&
        parameter.name !== 'cursor',
    )
    .map(({ name, schema }) => `${encodeURIComponent(name)}=${encodeURIComponent(example(schema))}`);
  const url = `${reference.url}${path}${query.length === 0 ? '' : `?${query.join('&')}`}`;
  const permission = route['x-aevum-permission'];
  const variable = permission === 'none' ? undefined : (KEY_VARIABLES[permission] ?? 'AEVUM_ADMIN_KEY');
  const schema = route.requestBody?.content['application/json']?.schema;
  const lines = [
    `curl ${route.method === 'get' || schema !== undefined ? '' : `-X ${route.method.toUpperCase()} `}${shellQuote(url)}`,
    ...(variable === undefined ? [] : [`-H "Authorization: Bearer $${variable}"`]),
    ...(schema === undefined
      ? []
      : [
          '-H "Content-Type: application/json"',
          `-d ${shellQuote(JSON.stringify(exampleOf(schema, reference.schemas), null, 2))}`,
        ]),
  ];
  return lines.join(' \\\n  ');
};

const shellQuote = (text: string): string =>
  /^[\w:/.,@%+=-]+$/u.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

const sampleAnswer = (route: Route, reference: Reference): Html | undefined => {
  const [found] = Object.entries(route.responses).filter(([status]) => status.startsWith('2'));
  const media: Media | undefined = found?.[1].content?.['application/json'];
  if (found === undefined || media?.schema === undefined) return undefined;
  return copyBlock(`Answer ${found[0]}`, jsonHtml(exampleOf(media.schema, reference.schemas)), 'json');
};

const schemasHtml = (
  reference: Reference,
): Html => html`<section class="group schemas" aria-labelledby="schemas">
  <div class="group-head"><h2 id="schemas">Schemas</h2><p>Every shape by its name in the document.</p></div>
  ${Object.entries(reference.schemas)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([name, schema]) => html`<article class="route schema" id="${schemaAnchor(name)}">
    <div class="text"><h3><a class="anchor" href="#${schemaAnchor(name)}">${name}</a></h3>${prose(schema.description)}${schemaHtml(schema, reference.schemas, OWN_PLACE_DEPTH)}</div>
    <div class="samples">${copyBlock('Example', jsonHtml(exampleOf(schema, reference.schemas)), 'json')}</div>
  </article>`,
    )}
</section>`;
