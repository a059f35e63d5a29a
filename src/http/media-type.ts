import { ApiError } from '../event/errors.ts';

/** What a body of events may call itself. `ndjson`: by lines, whatever it looks like. */
export type EventMedia = 'json' | 'ndjson';

const NDJSON = new Set([
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
  'application/x-jsonlines',
]);
const CHARSETS = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);

interface MediaType {
  readonly name: string;
  readonly charset: string | undefined;
}

const parsed = (header: string): MediaType => {
  const [name = '', ...parameters] = header.toLowerCase().split(';');
  const charset = parameters.map((text) => text.trim()).find((text) => text.startsWith('charset='));
  return { name: name.trim(), charset: charset?.slice('charset='.length).replaceAll('"', '') };
};

/**
 * Reads the Content-Type of a body of events. JSON of any kind, NDJSON, plain text (what browsers send across origins without asking first, `sendBeacon` with a
 * string for one) and none at all are accepted. Throws ApiError `unsupported_media_type`.
 */
export const eventMediaOf = (header: string | undefined): EventMedia => {
  if (header === undefined || header === '' || header === 'application/json') return 'json';
  const { name, charset } = parsed(header);
  if (charset !== undefined && !CHARSETS.has(charset))
    throw new ApiError(
      'unsupported_media_type',
      `The charset "${charset.slice(0, 40)}" is not accepted: JSON is sent as UTF-8.`,
    );
  if (NDJSON.has(name)) return 'ndjson';
  if (isJson(name) || name === 'text/plain') return 'json';
  throw new ApiError(
    'unsupported_media_type',
    name === 'application/x-www-form-urlencoded'
      ? 'The Content-Type is application/x-www-form-urlencoded, the default of curl -d and of HTML forms. Send JSON with the header "Content-Type: application/json".'
      : `The Content-Type "${name.slice(0, 80)}" is not accepted here. Send application/json or application/x-ndjson.`,
  );
};

const isJson = (name: string): boolean =>
  name === 'application/json' || name === 'text/json' || name.endsWith('+json');

/** Whether a Content-Type is JSON. */
export const isJsonMedia = (header: string | undefined): boolean =>
  header !== undefined && isJson(parsed(header).name);
