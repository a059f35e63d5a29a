import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { emailKeyOf } from './emails.ts';

/** Passwords: what they must be, and how they are kept: as Argon2id hashes (RFC 9106), made on a thread of their own. */

/** Characters of a password. */
export const PASSWORD_LENGTH_MIN = 10;
export const PASSWORD_LENGTH_MAX = 200;

const ALGORITHM = 'argon2id';
/** What a hash costs: memory in KiB, and how often it is gone through. It stands in every hash, so that it can be raised. */
export interface HashCost {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** Some 80 ms and 32 MiB for each: more than what OWASP asks for. */
const COST: HashCost = { memory: 32 * 1024, passes: 3, parallelism: 1 };
const SALT_BYTES = 16;
const TAG_BYTES = 32;
/** Hashing shares the threads on which the log is flushed, so one at a time. So many wait; beyond, whoever comes is asked to come again. */
const WAITING_MAX = 32;

const PHC =
  /^\$argon2id\$v=19\$m=(?<memory>\d{1,7}),t=(?<passes>\d{1,3}),p=(?<parallelism>\d{1,2})\$(?<salt>[\w+/]{22,86})\$(?<tag>[\w+/]{43})$/;

/** The commonest that are long enough, without what stands after a common word: digits and marks. */
const COMMON: ReadonlySet<string> = new Set([
  'password',
  'passwort',
  'passw0rd',
  'p@ssw0rd',
  'p@ssword',
  'passwordpassword',
  'motdepasse',
  'contraseña',
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
  'qwerty',
  'letmein',
  'welcome',
  'iloveyou',
  'changeme',
  'administrator',
  'superuser',
  'princess',
  'sunshine',
  'football',
  'baseball',
  'basketball',
  'superman',
  'starwars',
  'dragon',
  'monkey',
  'trustno',
  'whatever',
  'qazwsxedc',
  '1q2w3e4r5t',
  '1qaz2wsx3edc',
  'abcdefghij',
  'analytics',
  'aevum',
]);

/** Digits that follow each other on a keyboard, forth and back, over and over. */
const DIGIT_RUNS = ['1234567890'.repeat(20), '0987654321'.repeat(20), '0123456789'.repeat(20)];

/** What is wrong with a password for somebody with this e-mail; undefined if nothing. */
export const passwordProblem = (password: string, email: string): string | undefined => {
  const { length } = Array.from(password);
  if (length < PASSWORD_LENGTH_MIN)
    return `A password needs at least ${PASSWORD_LENGTH_MIN} characters; this one has ${length}.`;
  if (length > PASSWORD_LENGTH_MAX)
    return `A password may have at most ${PASSWORD_LENGTH_MAX} characters; this one has ${length}.`;
  const lower = emailKeyOf(password);
  const key = emailKeyOf(email);
  if (lower === key || lower === key.split('@')[0]) return 'The password must not be the e-mail address.';
  if (isCommon(lower)) return 'This is one of the passwords that are tried first. Choose another one.';
  return undefined;
};

const isCommon = (lower: string): boolean =>
  COMMON.has(lower) ||
  COMMON.has(lower.replace(/[\d\W_]+$/u, '')) ||
  new Set(lower).size < 3 ||
  DIGIT_RUNS.some((run) => run.includes(lower));

/** More passwords are to be checked than can be. It passes. */
export class PasswordsBusyError extends Error {
  constructor() {
    super('More people sign in at this moment than passwords can be checked. Try again in a few seconds.');
    this.name = 'PasswordsBusyError';
  }
}

/** Makes and compares hashes of passwords, one after the other. */
export class PasswordHasher {
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();
  /** Of no password: compared with where there is no user, so that both take equally long. */
  readonly #nobodys: string;
  readonly #cost: HashCost;

  constructor(cost: HashCost = COST) {
    this.#cost = cost;
    this.#nobodys = phcOf(randomBytes(SALT_BYTES), randomBytes(TAG_BYTES), cost);
  }

  /** The hash of a password, as it is stored. Rejects with PasswordsBusyError. */
  hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    return this.#inTurn(async () => phcOf(salt, await tagOf(password, salt, this.#cost), this.#cost));
  }

  /** Whether a password is the one of a hash. Undefined: there is no such user, which takes as long to find out. Rejects with PasswordsBusyError. */
  async matches(password: string, hash: string | undefined): Promise<boolean> {
    const { groups } = PHC.exec(hash ?? this.#nobodys) ?? {};
    if (groups === undefined) throw new TypeError('a stored hash is not one of a password');
    const { memory, passes, parallelism, salt = '', tag = '' } = groups;
    const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
    const made = await this.#inTurn(() => tagOf(password, Buffer.from(salt, 'base64'), cost));
    return timingSafeEqual(made, Buffer.from(tag, 'base64')) && hash !== undefined;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= WAITING_MAX) return Promise.reject(new PasswordsBusyError());
    this.#waiting++;
    const done = this.#last.then(work).finally(() => this.#waiting--);
    this.#last = done.catch(() => undefined);
    return done;
  }
}

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

const phcOf = (salt: Buffer, tag: Buffer, { memory, passes, parallelism }: HashCost): string =>
  `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`;

const tagOf = (password: string, nonce: Buffer, cost: HashCost): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    // Keyboards compose the same character in several ways.
    const message = Buffer.from(password.normalize('NFKC'));
    argon2(ALGORITHM, { message, nonce, tagLength: TAG_BYTES, ...cost }, (error, tag) =>
      error === null ? resolve(tag) : reject(error),
    );
  });
