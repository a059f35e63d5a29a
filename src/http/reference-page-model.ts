import type { OpenApiDocument } from './openapi.ts';

/** The parts of an OpenAPI 3.1 document that the page shows, in plain types. */

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly example?: unknown;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly additionalProperties?: Schema | boolean;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxLength?: number;
}

/** A body of one media type. */
export interface Media {
  readonly schema?: Schema;
  readonly example?: unknown;
}

/** What goes into the address or the headers. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Schema;
}

/** One answer, by its status. */
export interface Answer {
  readonly description: string;
  readonly content?: Readonly<Record<string, Media>>;
}

/** One method of one address. */
export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, Answer>>;
  readonly 'x-aevum-permission': string;
}

/** An operation with its place. */
export interface Route extends Operation {
  readonly method: string;
  readonly path: string;
}

/** What the page is made from. */
export interface Reference {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  readonly url: string;
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly routes: readonly Route[];
  readonly schemas: Readonly<Record<string, Schema>>;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Reads the document. The casts are sound because it is our own generator's output, whose shape the tests check. */
export const toReference = (document: OpenApiDocument): Reference => ({
  title: document.info.title,
  version: document.info.version,
  description: document.info.description ?? '',
  url: document.servers?.[0]?.url ?? '',
  tags: (document.tags ?? []).map(({ name, description }) => ({ name, description: description ?? '' })),
  routes: Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method] as unknown as Operation | undefined;
      return operation === undefined ? [] : [{ ...operation, method, path }];
    }),
  ),
  schemas: document.components?.schemas ?? {},
});

const REF_PREFIX = '#/components/schemas/';

/** Name of the schema that a reference points to. */
export const refName = ({ $ref }: Schema): string | undefined => $ref?.slice(REF_PREFIX.length);

/** The schema itself, references followed. What stands beside a reference (a description) wins. */
export const resolve = (schema: Schema, schemas: Reference['schemas']): Schema => {
  const name = refName(schema);
  if (name !== undefined) {
    const { $ref: _, ...beside } = schema;
    return { ...resolve(schemas[name] ?? {}, schemas), ...beside };
  }
  const [only, ...more] = schema.allOf ?? [];
  if (only !== undefined) {
    const { allOf: _, ...beside } = schema;
    return {
      ...[only, ...more].map((part) => resolve(part, schemas)).reduce((a, b) => ({ ...a, ...b })),
      ...beside,
    };
  }
  return schema;
};

/** Levels to which an example is made up. */
const EXAMPLE_DEPTH_MAX = 8;

/** An example of a value: the one the schema gives, or one put together from those of its parts. */
export const exampleOf = (schema: Schema, schemas: Reference['schemas'], depth = 0): unknown => {
  const own = resolve(schema, schemas);
  const given = own.example ?? own.examples?.[0] ?? own.default ?? own.const ?? own.enum?.[0];
  if (given !== undefined) return given;
  if (own.example === null || depth > EXAMPLE_DEPTH_MAX) return null;
  const [choice] = own.oneOf ?? own.anyOf ?? [];
  if (choice !== undefined) return exampleOf(choice, schemas, depth + 1);
  if (own.properties !== undefined) {
    const entries = Object.entries(own.properties).map(
      ([name, part]) => [name, exampleOf(part, schemas, depth + 1)] as const,
    );
    return Object.fromEntries(
      entries.filter(([name, value]) => value !== undefined || own.required?.includes(name)),
    );
  }
  if (own.items !== undefined) return [exampleOf(own.items, schemas, depth + 1)];
  return exampleOfType(own.type);
};

const exampleOfType = (type: Schema['type']): unknown => {
  const names = typeof type === 'string' ? [type] : (type ?? []);
  if (names.includes('null')) return null;
  if (names.includes('boolean')) return true;
  if (names.includes('integer') || names.includes('number')) return 0;
  return names.includes('string') ? 'string' : {};
};
