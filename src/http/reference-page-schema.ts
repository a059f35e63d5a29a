import { type Html, html, inline, prose } from './reference-page-html.ts';
import { type Reference, refName, resolve, type Schema } from './reference-page-model.ts';

type Schemas = Reference['schemas'];

/** Levels that are shown inline. */
const DEPTH_MAX = 3;
/** Levels of schemas that have a name, and so a place of their own on the page: deeper ones are links to it, or every question would hold the grammar of filters several times over. */
const NAMED_DEPTH_MAX = 1;
/** Where a schema is described in its own place, the named ones in it are links. */
export const OWN_PLACE_DEPTH = NAMED_DEPTH_MAX;

const isInline = (schema: Schema, depth: number): boolean =>
  depth < (refName(schema) === undefined ? DEPTH_MAX : NAMED_DEPTH_MAX);

/** Link to a schema's place on the page. */
export const schemaAnchor = (name: string): string => `schema-${name}`;

/** A few words for the type: `string`, `array of TrendSeries`, `string or null`. */
export const typeLabel = (schema: Schema, schemas: Schemas): Html => {
  const name = refName(schema) ?? (schema.allOf?.length === 1 ? refName(schema.allOf[0] ?? {}) : undefined);
  if (name !== undefined) {
    const target = schemas[name] ?? {};
    return target.properties === undefined && choicesOf(target) === undefined && target.type !== undefined
      ? typeLabel(target, schemas)
      : html`<a href="#${schemaAnchor(name)}">${name}</a>`;
  }
  const choices = choicesOf(schema);
  if (choices !== undefined) return joinLabels(choices.map((choice) => typeLabel(choice, schemas)));
  if (schema.items !== undefined) return html`array of ${typeLabel(schema.items, schemas)}`;
  const types = typeof schema.type === 'string' ? [schema.type] : [...(schema.type ?? ['any'])];
  const format = schema.format === undefined ? '' : ` (${schema.format})`;
  if (
    types.includes('object') &&
    typeof schema.additionalProperties === 'object' &&
    schema.properties === undefined
  )
    return html`map of ${typeLabel(schema.additionalProperties, schemas)}${types.includes('null') && ' or null'}`;
  return html`${types.join(' or ')}${format}`;
};

const joinLabels = (labels: readonly Html[]): Html => {
  const unique = [...new Map(labels.map((label) => [label.text, label])).values()];
  return html`${unique.flatMap((label, index) => (index === 0 ? [label] : [' or ', label]))}`;
};

const choicesOf = (schema: Schema): readonly Schema[] | undefined => schema.oneOf ?? schema.anyOf;

const constraints = (schema: Schema): string[] => {
  const { minimum, maximum, minItems, maxItems } = schema;
  return [
    ...(schema.default === undefined ? [] : [`default ${JSON.stringify(schema.default)}`]),
    ...(minimum !== undefined && maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER
      ? [`${minimum} to ${maximum.toLocaleString('en')}`]
      : []),
    ...(maxItems === undefined ? [] : [`${minItems ?? 0} to ${maxItems.toLocaleString('en')} items`]),
  ];
};

const enumValues = (schema: Schema): Html | undefined => {
  const values = schema.const === undefined ? schema.enum : [schema.const];
  if (values === undefined) return undefined;
  return html`<div class="enum">${values.map((value) => html`<code>${typeof value === 'string' ? value : JSON.stringify(value)}</code>`)}</div>`;
};

/** One field: name, type, what it means, and what is in it. */
export const fieldHtml = (
  name: string,
  schema: Schema,
  isRequired: boolean,
  schemas: Schemas,
  depth: number,
): Html => {
  const own = resolve(schema, schemas);
  return html`<li class="field">
    <div class="field-head"><code class="field-name">${name}</code> <span class="type">${typeLabel(schema, schemas)}</span>
      ${isRequired ? html`<span class="required">required</span>` : ''}
      ${constraints(own).map((text) => html`<span class="limit">${text}</span>`)}</div>
    ${prose(own.description)}${enumValues(own)}${nested(schema, schemas, depth)}
  </li>`;
};

/** The inner fields of a field, folded. */
const nested = (schema: Schema, schemas: Schemas, depth: number): Html | undefined => {
  const own = resolve(schema, schemas);
  const inner = own.items === undefined ? schema : own.items;
  const target = resolve(inner, schemas);
  const isComposite =
    target.properties !== undefined ||
    (choicesOf(target)?.some((choice) => isObject(choice, schemas)) ?? false);
  if (!isComposite || !isInline(inner, depth)) return undefined;
  return html`<details><summary>${summaryOf(own, target)}</summary>${schemaHtml(inner, schemas, depth + 1)}</details>`;
};

const summaryOf = (own: Schema, target: Schema): string => {
  const of = choicesOf(target) === undefined ? 'Fields' : 'Forms';
  return own.items === undefined ? of : `${of} of each`;
};

const isObject = (schema: Schema, schemas: Schemas): boolean => {
  const own = resolve(schema, schemas);
  return (
    own.properties !== undefined || (choicesOf(own)?.some((choice) => isObject(choice, schemas)) ?? false)
  );
};

/** A schema as a list of fields, or of alternatives. */
export const schemaHtml = (schema: Schema, schemas: Schemas, depth = 0): Html => {
  const own = resolve(schema, schemas);
  const choices = choicesOf(own);
  if (choices !== undefined) return alternatives(choices, schemas, depth);
  if (own.items !== undefined)
    return html`<p class="note">An array; each item is ${typeLabel(own.items, schemas)}.</p>${isObject(own.items, schemas) && isInline(own.items, depth) ? schemaHtml(own.items, schemas, depth + 1) : ''}`;
  if (own.properties === undefined)
    return html`<p class="note">${typeLabel(own, schemas)}</p>${enumValues(own)}`;
  const fields = Object.entries(own.properties).map(([name, part]) =>
    fieldHtml(name, part, own.required?.includes(name) ?? false, schemas, depth),
  );
  const open =
    own.additionalProperties === true ||
    (typeof own.additionalProperties === 'object' && Object.keys(own.additionalProperties).length === 0);
  return html`<ul class="fields">${fields}</ul>${open ? html`<p class="note">Further fields are allowed.</p>` : ''}`;
};

const alternatives = (choices: readonly Schema[], schemas: Schemas, depth: number): Html => {
  const [only] = choices;
  if (choices.length === 1 && only !== undefined) return schemaHtml(only, schemas, depth);
  return html`<p class="note">One of:</p><ul class="alternatives">${choices.map((choice) => alternative(choice, schemas, depth))}</ul>`;
};

const alternative = (choice: Schema, schemas: Schemas, depth: number): Html => {
  const own = resolve(choice, schemas);
  const body = isObject(choice, schemas) && isInline(choice, depth);
  const about =
    own.description === undefined ? '' : html` <span class="about">${inline(own.description)}</span>`;
  if (!body)
    return html`<li><span class="type">${typeLabel(choice, schemas)}</span>${about}${enumValues(own)}</li>`;
  // What folds is a button: a link in it could not be told from it.
  const name = refName(choice) ?? typeLabel(choice, schemas);
  return html`<li><details><summary><span class="type">${name}</span>${about}</summary>${schemaHtml(choice, schemas, depth + 1)}</details></li>`;
};
