import { createStore } from '../lib/store.ts';

/** Whether the server said that the session is over. */
export const signedOutStore = createStore(false);

/** An answer that is an error, or none at all. */
export class ApiError extends Error {
  /** 0: the server could not be reached. */
  readonly status: number;
  /** As in the errors page; `unreachable` where there was no answer. */
  readonly code: string;
  /** What `Retry-After` said. */
  readonly retryAfterMs: number | undefined;
  /** What it says for programs. */
  readonly details: unknown;

  constructor(status: number, code: string, message: string, retryAfterMs?: number, details?: unknown) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
    this.details = details;
  }
}

/** Whatever was thrown, as an ApiError. */
export const asApiError = (error: unknown): ApiError =>
  error instanceof ApiError ? error : new ApiError(0, 'unknown', String(error));

/** A request that takes longer is given up. */
const TIMEOUT_MS = 30_000;

interface ErrorBody {
  readonly error?: { readonly code?: string; readonly message?: string; readonly details?: unknown };
}

const errorOf = async (answer: Response): Promise<ApiError> => {
  const body = (await answer.json().catch(() => ({}))) as ErrorBody;
  const seconds = Number(answer.headers.get('retry-after'));
  return new ApiError(
    answer.status,
    body.error?.code ?? 'unknown',
    body.error?.message ?? `The server answered ${answer.status}.`,
    seconds > 0 ? seconds * 1000 : undefined,
    body.error?.details,
  );
};

/** Method and body of a request. */
export interface Asking {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** What may take longer than half a minute. */
  readonly timeoutMs?: number;
  /** Asks by this token, for which it stands alone: who is signed in does not matter, and is not told. */
  readonly token?: string;
  /** The kind of answer that is wanted; JSON if absent. */
  readonly accept?: string;
}

const unreachable = (): ApiError => new ApiError(0, 'unreachable', 'The server cannot be reached.');

const answerOf = async (
  path: string,
  { method, body, signal, timeoutMs = TIMEOUT_MS, token, accept }: Asking,
): Promise<Response> => {
  const limit = AbortSignal.timeout(timeoutMs);
  let answer: Response;
  try {
    answer = await fetch(path, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      credentials: token === undefined ? 'same-origin' : 'omit',
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(accept === undefined ? {} : { accept }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw unreachable();
  }
  if (answer.status === 401 && token === undefined) signedOutStore.set(true);
  if (!answer.ok) throw await errorOf(answer);
  return answer;
};

/** Asks the API and answers what came back. Throws `ApiError`; whatever is thrown after `signal` is aborted is of no interest. */
export const ask = async <T>(path: string, asking: Asking = {}): Promise<T> => {
  const answer = await answerOf(path, asking);
  if (answer.status === 204) return undefined as T;
  return (await answer.json()) as T;
};

/** Asks for an answer that is told line by line, as JSON, and tells each line as it comes. Throws as `ask`, and where the connection ends in the middle of a line. */
export const askLines = async (
  path: string,
  asking: Asking,
  onLine: (line: unknown) => void,
): Promise<void> => {
  const answer = await answerOf(path, { ...asking, accept: 'application/x-ndjson' });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const read = await reader?.read().catch(() => {
      throw unreachable();
    });
    if (read === undefined || read.done) break;
    const lines = `${rest}${read.value}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(JSON.parse(line));
  }
  if (rest !== '') throw unreachable();
};

/** Asks for a file: its bytes, and what the headers say beside. Throws as `ask`. */
export const askFile = async (
  path: string,
  asking: Asking = {},
): Promise<{ readonly file: Blob; readonly headers: Headers }> => {
  const answer = await answerOf(path, asking);
  return { file: await answer.blob(), headers: answer.headers };
};

/** A path of the API for one project, with parameters; undefined ones are left out. */
export const pathOf = (
  path: string,
  project: string,
  parameters: Readonly<Record<string, string | number | undefined>> = {},
): string => {
  const query = new URLSearchParams({ project });
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined) query.set(name, String(value));
  return `${path}?${query.toString()}`;
};
