import { ROUTES } from '../contract/routes.ts';
import type { App } from './app.ts';
import { openApiDocument, type OpenApiOptions } from './openapi.ts';
import { readReferenceAsset, REFERENCE_ASSETS, REFERENCE_POLICY, referencePage } from './reference-page.ts';

/** Seconds that a browser may keep the page and its files without asking. */
const MAX_AGE_SECONDS = 300;

/**
 * Registers `/api/openapi.json`, `/api/docs` and the two files of the page. None needs a key: they say nothing about data. Document and page are made once, at the first
 * request.
 */
export const registerReferenceRoutes = (app: App, options: OpenApiOptions): void => {
  const cached = { 'cache-control': `public, max-age=${MAX_AGE_SECONDS}` };
  const document = once(() => openApiDocument(options));
  const page = once(() => referencePage(document()));
  app.get(ROUTES.openapi.path, (c) =>
    c.json(document(), 200, { ...cached, 'access-control-allow-origin': '*' }),
  );
  app.get(ROUTES.docs.path, (c) =>
    c.html(page(), 200, { ...cached, 'content-security-policy': REFERENCE_POLICY }),
  );
  for (const asset of Object.values(REFERENCE_ASSETS)) {
    const text = once(() => readReferenceAsset(asset));
    app.get(asset.path, (c) => c.body(text(), 200, { ...cached, 'content-type': asset.contentType }));
  }
};

const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};
