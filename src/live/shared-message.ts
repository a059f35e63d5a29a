/**
 * A message that goes to many subscriptions, each of which has an id of its own: the long rest is made once, and a whole message once for each id (clients tend to use the
 * same few).
 */
export class SharedMessage {
  readonly #op: string;
  readonly #rest: Buffer;
  readonly #byId = new Map<string, Buffer>();

  /** `rest`: the members behind `op` and `id`, without the opening brace, with the closing one. */
  constructor(op: string, rest: string) {
    this.#op = op;
    this.#rest = Buffer.from(rest);
  }

  /** The message for a subscription. */
  for(id: string): Buffer {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const made = Buffer.concat([
      Buffer.from(`{"op":${JSON.stringify(this.#op)},"id":${JSON.stringify(id)},`),
      this.#rest,
    ]);
    this.#byId.set(id, made);
    return made;
  }
}
