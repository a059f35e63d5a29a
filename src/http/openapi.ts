import { OpenAPIHono } from '@hono/zod-openapi';
import { ROUTES, SECURITY_SCHEMES, TAGS } from '../contract/routes.ts';

/** What the document says of the program that serves it. */
export interface OpenApiOptions {
  /** Version of the program. */
  readonly version: string;
  /** Where clients reach it, without a trailing slash, for example `http://127.0.0.1:8080`. */
  readonly publicUrl: string;
}

/** An OpenAPI 3.1 document. */
export type OpenApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>;

const DESCRIPTION =
  'Send events, ask for numbers, and look up what became of every single event. Everything is JSON over HTTP; every error has one shape.';

/** The OpenAPI 3.1 document of the whole HTTP interface, made from the contract's routes. The same for the life of the program. */
export const openApiDocument = ({ version, publicUrl }: OpenApiOptions): OpenApiDocument => {
  const { openAPIRegistry: registry, ...builder } = documentBuilder();
  for (const [name, scheme] of Object.entries(SECURITY_SCHEMES))
    registry.registerComponent('securitySchemes', name, scheme);
  for (const route of Object.values(ROUTES)) registry.registerPath(route);
  return builder.build({
    openapi: '3.1.0',
    info: {
      title: 'Aevum',
      version,
      description: DESCRIPTION,
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    servers: [{ url: publicUrl }],
    tags: TAGS.map((tag) => ({ ...tag })),
  });
};

const documentBuilder = () => {
  const app = new OpenAPIHono();
  return {
    openAPIRegistry: app.openAPIRegistry,
    build: (config: Parameters<OpenAPIHono['getOpenAPI31Document']>[0]) => app.getOpenAPI31Document(config),
  };
};
