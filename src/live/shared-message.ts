/** Up to so many different beginnings a message is put together whole, and kept: clients tend to use the same few ids. */
const WHOLE_MAX = 16;
/** Beyond these, a longer rest is not copied for each client: it follows its beginning as a fragment of its own. */
const COPY_BYTES_MAX = 16 * 1024;

/** A message that goes to many subscriptions, each of which has an id of its own: the long rest is made once, and is in memory once, however many wait for it. */
export class SharedMessage {
  readonly #op: string;
  readonly #rest: Buffer;
  readonly #whole = new Map<string, readonly Buffer[]>();
  /** Of the subscriber before, whose id is that of the next as a rule: then nothing is put together. */
  #latest: { readonly id: string; readonly own: string; readonly parts: readonly Buffer[] } | undefined;

  /** `rest`: the members behind `op` and `id`, without the opening brace, with the closing one. */
  constructor(op: string, rest: string) {
    this.#op = op;
    this.#rest = Buffer.from(rest);
  }

  /** The message for a subscription, in one part or in two that follow each other. `own`: members of this subscriber alone, with a comma behind each. */
  parts(id: string, own = ''): readonly Buffer[] {
    const latest = this.#latest;
    if (latest !== undefined && latest.id === id && latest.own === own) return latest.parts;
    const parts = this.#find(id, own);
    this.#latest = { id, own, parts };
    return parts;
  }

  #find(id: string, own: string): readonly Buffer[] {
    const head = `{"op":${JSON.stringify(this.#op)},"id":${JSON.stringify(id)},${own}`;
    const known = this.#whole.get(head);
    if (known !== undefined) return known;
    const parts = [Buffer.from(head), this.#rest];
    if (this.#whole.size >= WHOLE_MAX)
      return this.#rest.length > COPY_BYTES_MAX ? parts : [Buffer.concat(parts)];
    const made = [Buffer.concat(parts)];
    this.#whole.set(head, made);
    return made;
  }
}
