import { objectText } from '../../event/rewrite-json.ts';
import { CLASH_PREFIX, CONTAINERS, FIELDS } from '../../event/shapes.ts';
import type { JsonValue } from './json-value.ts';

/** A number as JSON writes it, with no more digits before the point than a value may have. */
const VALUE = /^-?\d{1,12}(\.\d+)?$/;
const CURRENCY = /^[A-Za-z]{3}$/;

const FORMS = new Map(FIELDS.flatMap(({ form, paths }) => paths.map((path) => [path, form] as const)));
const CONTAINER_PATHS: ReadonlySet<string> = new Set(CONTAINERS.map(({ path }) => path));

/** Whether a value can stand at a path of the canonical shape without the event being refused for it. */
const fits = (path: string, { kind, isPresent }: JsonValue): boolean => {
  const form = FORMS.get(path);
  return form === undefined || !isPresent || kind === 'string' || (kind === 'number' && form === 'label');
};

/** Fields of the canonical envelope that a vendor's event can have, beside its context. */
export type EnvelopeField =
  | 'id'
  | 'timestamp'
  | 'type'
  | 'source'
  | 'user_id'
  | 'session_id'
  | 'value'
  | 'currency';

/** Puts an event together in the canonical shape, as JSON text. What is there already stays: nothing is overwritten, and nothing lost. */
export class CanonicalEvent {
  readonly #fields = new Map<string, string>();
  readonly #context = new Map<string, string>();
  readonly #properties = new Map<string, string>();

  /** Sets a field to a JSON text, unless it is set or the text is undefined. */
  field(name: EnvelopeField, text: string | undefined): void {
    if (text !== undefined && !this.#fields.has(name)) this.#fields.set(name, text);
  }

  /** Sets a member of the context in the same way; says whether the text is there now. */
  context(name: string, text: string | undefined): boolean {
    if (text !== undefined && !this.#context.has(name)) this.#context.set(name, text);
    return text !== undefined && this.#context.get(name) === text;
  }

  /** Sets a member of the context as a client sent it; where it cannot be what the canonical shape wants there, it becomes a property. */
  contextMember(name: string, value: JsonValue): void {
    const path = `context.${name}`;
    if (value.kind === 'object' && CONTAINER_PATHS.has(path)) {
      const fitting = [...value.members].filter(([key, member]) => fits(`${path}.${key}`, member));
      this.#contextOrProperty(name, objectText(new Map(fitting.map(([key, member]) => [key, member.text]))));
      const others = [...value.members].filter(([key, member]) => !fits(`${path}.${key}`, member));
      this.properties(others, `${path}.`);
    } else if (fits(path, value)) this.#contextOrProperty(name, value.text);
    else this.property(path, value.text);
  }

  #contextOrProperty(name: string, text: string): void {
    if (!this.context(name, text)) this.property(`context.${name}`, text);
  }

  /** Adds a property. Of two with one name and different values the later is stored behind `$.`, as elsewhere. */
  property(name: string, text: string | undefined): void {
    if (text === undefined) return;
    let free = name;
    for (;;) {
      const there = this.#properties.get(free);
      if (there === text) return;
      if (there === undefined) break;
      free = CLASH_PREFIX + free;
    }
    this.#properties.set(free, text);
  }

  /** Adds the members of an object as properties, their names behind `prefix`. */
  properties(members: Iterable<readonly [string, JsonValue]>, prefix = ''): void {
    for (const [key, value] of members) this.property(prefix + key, value.text);
  }

  /** Takes revenue and its currency from the first pair whose forms are right; with another form they are properties and nothing else. */
  revenue(amounts: readonly (JsonValue | undefined)[], currencies: readonly (JsonValue | undefined)[]): void {
    const amount = amounts.find((each) => each !== undefined && VALUE.test(plainText(each)));
    if (amount === undefined) return;
    this.field('value', amount.text);
    this.field('currency', currencies.find((each) => CURRENCY.test(each?.string ?? ''))?.text);
  }

  get text(): string {
    const all = new Map(this.#fields);
    if (this.#context.size > 0) all.set('context', objectText(this.#context));
    all.set('properties', objectText(this.#properties));
    return objectText(all);
  }
}

const plainText = (value: JsonValue): string => (value.kind === 'number' ? value.text : (value.string ?? ''));

/** The text of a value that may be a name or an id: a string or a number that is there. */
export const labelText = (value: JsonValue | undefined): string | undefined =>
  value !== undefined && value.isPresent && (value.kind === 'string' || value.kind === 'number')
    ? value.text
    : undefined;

/** The text of a string that is there. */
export const stringText = (value: JsonValue | undefined): string | undefined =>
  value?.kind === 'string' && value.isPresent ? value.text : undefined;

/** The text of an object that has members. */
export const objectTextOf = (value: JsonValue | undefined): string | undefined =>
  value?.kind === 'object' && value.members.size > 0 ? value.text : undefined;

/** The path of an address, as JSON text; what is no absolute address stays as it is. */
export const pathText = (address: JsonValue | undefined): string | undefined => {
  const text = stringText(address);
  const url = address?.string;
  return text === undefined || url === undefined || !URL.canParse(url)
    ? text
    : JSON.stringify(new URL(url).pathname || url);
};
