/**
 * What users may ask for in SQL of their own: views with the names and columns that the documentation promises, in a database of their own. They read the tables with the rights of `asker`, to whom the embedded
 * engine shows the rows of one project (`engine/confinement.ts`), and filter by that project once more.
 */

/** Database of the platform's tables in the embedded engine. */
export const DATABASE = 'aevum';

/** Database of the views. */
export const VIEWS_DATABASE = 'questions';

/** Database of tables with the names and columns of the views that are always empty. Statements that may see no row run on them: they are resolved there when they are judged, because resolving computes what is constant. */
export const REHEARSAL_DATABASE = 'rehearsal';

/** The user with whose rights the views read. Nobody signs in as it. */
export const ASKER = 'asker';

/** The setting that carries whose rows a statement may see. It has no meaning for statements that read, and takes any text. */
export const PROJECT_SETTING = 'insert_deduplication_token';

/** Characters of the signature in front of the project's id. */
export const SIGNATURE_CHARS = 64;

/** A column as the documentation tells of it. */
export interface PublicColumn {
  readonly name: string;
  readonly type: string;
  readonly doc: string;
}

/** A table as users see it. */
export interface PublicTable {
  readonly name: string;
  readonly doc: string;
  readonly columns: readonly PublicColumn[];
}

const TIME = "DateTime64(3, 'UTC')";
const FEW = 'LowCardinality(String)';

const column = (name: string, type: string, doc: string): PublicColumn => ({ name, type, doc });

const PROJECT = column('project', FEW, 'Your project: the same in every row you see.');

const EVENTS: PublicTable = {
  name: 'events',
  doc: 'Every stored event, once.',
  columns: [
    PROJECT,
    column('id', 'String', 'Id of the event.'),
    column('time', TIME, 'When it happened: `timestamp` of the event.'),
    column('received_at', TIME, 'When it was received.'),
    column('type', FEW, 'Kind of event: `page_view`, `purchase`.'),
    column('source', FEW, 'Which program sent it.'),
    column('version', FEW, 'Version of that program.'),
    column('user_id', 'String', 'Who; empty for nobody known.'),
    column('session_id', 'String', 'Visit; empty for none.'),
    column('device_type', FEW, 'Such as `mobile`.'),
    column('os', FEW, 'Operating system.'),
    column('os_version', FEW, 'Its version.'),
    column('browser', FEW, 'Browser.'),
    column('app_version', FEW, 'Version of the app.'),
    column('country', FEW, 'Two letters.'),
    column('region', FEW, 'Part of the country.'),
    column('page', 'String', 'Page or screen.'),
    column('referrer', 'String', 'Where the visitor came from.'),
    column('currency', FEW, 'Of `value`, three letters.'),
    column('value', 'Nullable(Decimal(18, 6))', 'Amount. Add up within one currency only.'),
    column('properties', 'String', "Everything else, as JSON: `JSONExtractString(properties, 'plan')`."),
    column('position', 'UInt64', 'Place in the governed log; `as_of` compares with it.'),
  ],
};

const REFUSED: PublicTable = {
  name: 'refused',
  doc: 'Every event that was received and not stored, with the reason.',
  columns: [
    PROJECT,
    column('id', 'String', 'Id of the event, where it had one.'),
    column('time', TIME, 'When it happened, where it said so.'),
    column('received_at', TIME, 'When it was received.'),
    column('type', FEW, 'Kind of event.'),
    column('outcome', FEW, '`duplicate`, `stale`, `quarantined` or `blocked`.'),
    column('reason', FEW, 'Code of the reason: see the page of errors.'),
    column('detail', 'String', 'The reason in words.'),
    column('body', 'String', 'What was sent, of quarantined events.'),
    column('position', 'UInt64', 'Place in the governed log.'),
  ],
};

const ROLLUP: PublicTable = {
  name: 'rollup_10s',
  doc: 'Events counted in panes of ten seconds: small, so fast. Rows of one pane may not be merged yet: always sum and merge.',
  columns: [
    PROJECT,
    column('pane', "DateTime64(0, 'UTC')", 'Begin of the ten seconds.'),
    column('type', FEW, 'Kind of event.'),
    column('currency', FEW, 'Of `value_sum`.'),
    column('events', 'SimpleAggregateFunction(sum, UInt64)', 'Events: `sum(events)`.'),
    column('users', 'AggregateFunction(uniq, String)', 'Distinct users: `uniqMerge(users)`.'),
    column('sessions', 'AggregateFunction(uniq, String)', 'Distinct sessions: `uniqMerge(sessions)`.'),
    column('value_sum', 'SimpleAggregateFunction(sum, Decimal(38, 6))', 'Sum of `value`: `sum(value_sum)`.'),
    column('value_count', 'SimpleAggregateFunction(sum, UInt64)', 'Events that have a value.'),
  ],
};

/** The tables that users see. The views have the names of the tables that they read. */
export const PUBLIC_TABLES: readonly PublicTable[] = [EVENTS, REFUSED, ROLLUP];
