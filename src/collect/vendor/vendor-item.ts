import { labelText, stringText } from './canonical-event.ts';
import type { JsonValue } from './json-value.ts';

/** Whether a value says anything: null, an empty string and an empty object do not. */
const isTelling = (value: JsonValue): boolean =>
  value.isPresent && !(value.kind === 'object' && value.members.size === 0);

/** The members of an object that say anything. */
export const tellingMembers = (value: JsonValue): [string, JsonValue][] =>
  [...value.members].filter(([, member]) => isTelling(member));

/** One event of a vendor, read member by member. What was not taken is left over at the end, so that nothing can be forgotten. */
export class VendorItem {
  readonly value: JsonValue;
  readonly #taken = new Set<string>();

  constructor(value: JsonValue) {
    this.value = value;
  }

  /** Looks at a member without taking it. */
  get(name: string): JsonValue | undefined {
    return this.value.get(name);
  }

  /** Takes a string or a number, as JSON text. */
  label(name: string): string | undefined {
    return this.#take(name, labelText(this.get(name)));
  }

  /** Takes a string, as JSON text. */
  string(name: string): string | undefined {
    return this.#take(name, stringText(this.get(name)));
  }

  /** Takes an object that has members. */
  object(name: string): JsonValue | undefined {
    const value = this.get(name);
    return this.#take(name, value?.kind === 'object' && isTelling(value) ? value : undefined);
  }

  /** Takes whatever says anything. */
  any(name: string): JsonValue | undefined {
    const value = this.get(name);
    return this.#take(name, value !== undefined && isTelling(value) ? value : undefined);
  }

  /** Leaves members out. */
  drop(...names: readonly string[]): void {
    for (const name of names) this.#taken.add(name);
  }

  /** What was not taken and says anything. */
  rest(): [string, JsonValue][] {
    return tellingMembers(this.value).filter(([name]) => !this.#taken.has(name));
  }

  #take<Taken>(name: string, taken: Taken | undefined): Taken | undefined {
    if (taken !== undefined) this.#taken.add(name);
    return taken;
  }
}
