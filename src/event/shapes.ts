/**
 * Which fields of which shapes of event mean what: the precedence table, as data. The decoder is compiled from it and `docs/reference/event-shapes.md` shows it
 * (`renderShapes`, checked by a test), so neither can drift from the other.
 */

/** How a field's value is read. `text`: a string. `label`: a string, or a number taken by its text. */
export type FieldForm = 'text' | 'label' | 'timestamp' | 'decimal' | 'currency';

/** One field of the envelope and the paths it is taken from, the first that is present winning. */
export interface Field {
  /** Its canonical name; also the column's, except for `timestamp`, which is stored as `time`. */
  readonly name: string;
  readonly column: string;
  readonly form: FieldForm;
  readonly paths: readonly string[];
}

/** `paths`, divided by spaces. */
const field = (name: string, form: FieldForm, paths: string): Field => ({
  name,
  column: name === 'timestamp' ? 'time' : name,
  form,
  paths: paths.split(' '),
});

const TYPE_PATHS =
  'type event_type eventType event_name eventName event payload.event_type payload.eventType payload.type';
const USER_PATHS = 'user_id userId user.id user.user_id user.userId data.user_id data.userId';
const SESSION_PATHS =
  'session_id sessionId user.session_id user.sessionId context.session_id context.sessionId data.session_id data.sessionId';

/** The envelope's fields. A path that is absent, null or an empty string is passed over. */
export const FIELDS: readonly Field[] = [
  field('id', 'label', 'id event_id eventId metadata.event_id metadata.eventId metadata.id'),
  field('timestamp', 'timestamp', 'timestamp metadata.timestamp'),
  field('type', 'text', TYPE_PATHS),
  field('source', 'text', 'source metadata.source'),
  field('version', 'label', 'version metadata.version'),
  field('user_id', 'label', USER_PATHS),
  field('session_id', 'label', SESSION_PATHS),
  field('device_type', 'text', 'context.device_type context.deviceType context.device.type'),
  field('os', 'text', 'context.os context.os.name'),
  field('os_version', 'label', 'context.os_version context.osVersion context.os.version'),
  field('browser', 'text', 'context.browser context.browser.name'),
  field('app_version', 'label', 'context.app_version context.appVersion context.app.version'),
  field('country', 'text', 'context.country context.location.country'),
  field('region', 'text', 'context.region context.location.region'),
  field('page', 'text', 'context.page context.page.url context.page.path'),
  field('referrer', 'text', 'context.referrer context.page.referrer'),
  field('value', 'decimal', 'value'),
  field('currency', 'currency', 'currency'),
];

/** An object whose members are looked into. */
export interface Container {
  readonly path: string;
  /** Stands before the names of members that are no field, when they become properties. */
  readonly prefix: string;
  /** Something other than an object is refused here; elsewhere it becomes a property. */
  readonly strict: boolean;
}

const container = (path: string, prefix: string, strict = false): Container => ({ path, prefix, strict });

/**
 * The containers. Order matters: of two properties that would have the same name, the one from the container further up keeps it. The root's own
 * unknown members come after all of these.
 */
export const CONTAINERS: readonly Container[] = [
  container('properties', '', true),
  container('payload.properties', ''),
  container('data.properties', ''),
  container('data', ''),
  container('payload.custom_data', 'custom_data.'),
  container('payload.customData', 'custom_data.'),
  container('data.metadata', 'metadata.'),
  container('user.attributes', 'user.'),
  container('context', 'context.', true),
  container('context.location', 'context.location.'),
  container('context.device', 'context.device.'),
  container('context.os', 'context.os.'),
  container('context.browser', 'context.browser.'),
  container('context.app', 'context.app.'),
  container('context.page', 'context.page.'),
  container('metadata', 'metadata.'),
  container('user', 'user.'),
  container('payload', 'payload.'),
];

/** Fields whose names are so common that a value of a kind they cannot have is taken as a property instead of being refused. */
export const LENIENT_PATHS: ReadonlySet<string> = new Set(['event']);

/** Stands before the whole path of a property whose plain name another one has. */
export const CLASH_PREFIX = '$.';

const code = (text: string): string => `\`${text}\``;

const FORM_NAMES: Readonly<Record<FieldForm, string>> = {
  text: 'string',
  label: 'string or number',
  timestamp: 'ISO 8601 with zone, or milliseconds',
  decimal: 'number or numeric string',
  currency: 'string of 3 letters',
};

/** The two tables of `docs/reference/event-shapes.md`, as Markdown. */
export const renderShapes = (): string =>
  [
    '| field | form | taken from, the first present one winning |',
    '|---|---|---|',
    ...FIELDS.map(
      ({ name, form, paths }) => `| ${code(name)} | ${FORM_NAMES[form]} | ${paths.map(code).join(', ')} |`,
    ),
    '',
    '| container | its unknown members become properties named | something else than an object there |',
    '|---|---|---|',
    ...CONTAINERS.map(
      ({ path, prefix, strict }) =>
        `| ${code(path)} | ${code(`${prefix}<name>`)} | ${strict ? 'is refused with `invalid_field`' : 'is a property itself, or a field if the table above says so'} |`,
    ),
    '| the event itself | `<name>` | is refused with `not_an_object` |',
  ].join('\n');
