/**
 * Recognises the plainest kind of request: a POST to a collect route that arrived whole and alone, with nothing in its head that needs thought. Whatever is in any way unusual is
 * not recognised and belongs to Node's own parser, so that nothing is ever understood in two ways. Source: RFC 9112.
 */

/** What the head of such a request says. Header values as sent, without the white space around them. Requests of one connection with the same head have the same object. */
export interface ExpressHead {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly apiKey: string | undefined;
  readonly contentType: string | undefined;
  readonly origin: string | undefined;
}

/** Such a request. */
export interface ExpressRequest {
  readonly head: ExpressHead;
  /** Bytes of the chunk: the body is from here to its end. */
  readonly bodyStart: number;
}

/** Heads longer than this are not recognised. */
const HEAD_BYTES_MAX = 4 * 1024;
const HEAD_END = Buffer.from('\r\n\r\n');
const REQUEST_LINE = /^POST (\/[a-z/]*) HTTP\/1\.1$/;
/** A header line: a token, a colon, visible characters. No control characters, no folding. */
const HEADER_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*((?:[\x21-\x7e]|[ \t]+(?=[\x21-\x7e]))*)[ \t]*$/;
const LENGTH = /^\d{1,8}$/;
const DIGIT_ZERO = 48;
const CARRIAGE_RETURN = 13;
const LENGTH_DIGITS_MAX = 8;

/** Headers that change how a request is read. With one of them it is not plain. */
const UNUSUAL = new Set([
  'content-encoding',
  'expect',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/** Headers that are used; twice the same is not plain. */
const USED = new Set([
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'host',
  'origin',
  'x-api-key',
]);

interface HeadLines {
  readonly path: string;
  readonly headers: ReadonlyMap<string, string>;
}

const linesOf = (text: string): HeadLines | undefined => {
  const [first = '', ...lines] = text.split('\r\n');
  const path = REQUEST_LINE.exec(first)?.[1];
  if (path === undefined) return undefined;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name = '', value = ''] = HEADER_LINE.exec(line) ?? [];
    const lower = name.toLowerCase();
    if (lower === '' || UNUSUAL.has(lower)) return undefined;
    if (!USED.has(lower)) continue;
    if (headers.has(lower)) return undefined;
    headers.set(lower, value);
  }
  const connection = headers.get('connection')?.toLowerCase() ?? 'keep-alive';
  return connection === 'keep-alive' && (headers.get('host') ?? '') !== '' ? { path, headers } : undefined;
};

/**
 * Reads the requests of one connection. Remembers the last head: clients send the same again and again but for the length of the body, and comparing bytes is
 * much cheaper than reading them.
 */
export class ExpressReader {
  /** The last head, up to the digits of the content length and from behind them on. */
  #before: Buffer | undefined;
  #behind = Buffer.alloc(0);
  #last: ExpressHead | undefined;

  /** The request that `chunk` is, from its first byte to its last; undefined if it is not plain. */
  read(chunk: Buffer): ExpressRequest | undefined {
    return this.#again(chunk) ?? this.#anew(chunk);
  }

  #again(chunk: Buffer): ExpressRequest | undefined {
    const before = this.#before;
    if (before === undefined || this.#last === undefined || chunk.length <= before.length) return undefined;
    if (chunk.compare(before, 0, before.length, 0, before.length) !== 0) return undefined;
    let at = before.length;
    let length = 0;
    for (; at < chunk.length && chunk[at] !== CARRIAGE_RETURN; at++) {
      const digit = (chunk[at] as number) - DIGIT_ZERO;
      if (digit < 0 || digit > 9) return undefined;
      length = length * 10 + digit;
    }
    const digits = at - before.length;
    const bodyStart = at + this.#behind.length;
    if (digits < 1 || digits > LENGTH_DIGITS_MAX || bodyStart + length !== chunk.length) return undefined;
    if (chunk.compare(this.#behind, 0, this.#behind.length, at, bodyStart) !== 0) return undefined;
    return { head: this.#last, bodyStart };
  }

  #anew(chunk: Buffer): ExpressRequest | undefined {
    this.#before = undefined;
    const end = chunk.subarray(0, HEAD_BYTES_MAX).indexOf(HEAD_END);
    if (end < 0) return undefined;
    const text = chunk.toString('latin1', 0, end);
    const lines = linesOf(text);
    const length = lines?.headers.get('content-length') ?? '';
    if (lines === undefined || !LENGTH.test(length)) return undefined;
    const bodyStart = end + HEAD_END.length;
    if (bodyStart + Number(length) !== chunk.length) return undefined;
    const { path, headers } = lines;
    const [authorization, apiKey] = [headers.get('authorization'), headers.get('x-api-key')];
    const [contentType, origin] = [headers.get('content-type'), headers.get('origin')];
    const head = { path, authorization, apiKey, contentType, origin };
    this.#last = head;
    this.#remember(chunk, text, length, bodyStart);
    return { head, bodyStart };
  }

  #remember(chunk: Buffer, text: string, length: string, bodyStart: number): void {
    // A line of its own: between line ends there is nothing but one header.
    const line = /\r\ncontent-length:[ \t]*/i.exec(text);
    if (line === null) return;
    const digitsAt = line.index + line[0].length;
    this.#before = Buffer.from(chunk.subarray(0, digitsAt));
    this.#behind = Buffer.from(chunk.subarray(digitsAt + length.length, bodyStart));
  }
}
