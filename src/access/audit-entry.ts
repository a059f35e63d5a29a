import { hash } from 'node:crypto';
import type { AuditTable } from '../catalog/tables.ts';

/**
 * What an entry of the audit log is, and how its hash is made. The encoding is public (docs/audit.md): whoever has the entries can check the chain without this program.
 */

/** Kinds of those who act: a key, a person who is signed in, a session opened by a printed link, whoever has a share link, the platform itself, a command beside it. */
export const ACTOR_KINDS = ['key', 'user', 'link', 'share', 'system', 'cli'] as const;
export type ActorKind = (typeof ACTOR_KINDS)[number];

/** Who did it. */
export interface AuditActor {
  readonly kind: ActorKind;
  /** Of the key, the user, the session; of a command and of the platform its name. */
  readonly id: string;
  /** What people call it, at that time. */
  readonly name: string;
}

/** The platform itself, where nobody asked. */
export const PLATFORM: AuditActor = { kind: 'system', id: 'platform', name: 'Aevum' };

/** Everything that is audited. To add an action, add it here; `GET /api/audit` and the documentation take it from here. */
export const AUDIT_ACTIONS = {
  'key.created': 'A key was made.',
  'key.rotated': 'A key was replaced: the old one ends at the time in the detail.',
  'key.revoked': 'A key was revoked.',
  'project.created': 'A project was made.',
  'project.changed': 'What a project is set to was changed: its time zone.',
  'project.removed': 'A project was removed: it takes and shows nothing from then on.',
  'project.emptied': 'Nothing is left of a removed project.',
  'organisation.created': 'An organisation was made.',
  'organisation.changed': 'An organisation was changed.',
  'user.created': 'A user was made.',
  'user.changed': 'A user was changed, or a password set.',
  'member.invited': 'An invitation was made.',
  'member.joined': 'An invitation was accepted.',
  'member.removed': 'Somebody was removed from an organisation or project.',
  'invitation.revoked': 'An invitation was taken back.',
  'role.changed': 'A role was given, changed or taken.',
  'link.created': 'A link that signs in was made.',
  'session.opened': 'Somebody signed in.',
  'session.refused': 'Somebody tried to sign in and was refused.',
  'session.ended': 'Sessions were ended.',
  'cohort.created': 'A cohort was saved.',
  'cohort.changed': 'A cohort was changed.',
  'cohort.removed': 'A cohort was removed.',
  'insight.created': 'An insight was saved.',
  'insight.changed': 'An insight was changed.',
  'insight.removed': 'An insight was removed, with its share links and annotations.',
  'board.created': 'A board was saved.',
  'board.changed': 'A board was changed.',
  'board.removed': 'A board was removed, with its share links and annotations.',
  'share.created': 'A share link to a board or an insight was made.',
  'share.revoked': 'A share link was revoked.',
  'share.read': 'What a share link shows was read by it.',
  'annotation.created': 'An annotation was made.',
  'annotation.changed': 'An annotation was changed.',
  'annotation.removed': 'An annotation was removed.',
  'metric.created': 'A metric was defined.',
  'metric.changed': 'A metric was changed.',
  'metric.removed': 'A metric was removed.',
  'event.described': 'A type of events, or a property of one, was described.',
  'export.created': 'An export was saved.',
  'export.changed': 'An export was changed; whoever did is its owner.',
  'export.removed': 'An export was removed.',
  'export.run': 'A run of an export began, on behalf of its owner.',
  'query.ended': 'A question of somebody was ended by somebody else, or its answer dropped.',
  'property.promoted': 'A property was given a column.',
  'property.demoted': 'A property lost its column.',
  'demo.started': 'The demo was started.',
  'demo.cleared': 'The demo was removed.',
  'import.declared': 'Events were sent as history.',
  'personal.read': 'Rows of single people were read; the object says by which operation.',
  'sql.run': 'SQL was run.',
  'audit.read': 'The audit log was read.',
  'audit.trimmed': 'The oldest entries were deleted, as the log was larger than it may be.',
} as const satisfies Record<string, string>;
export type AuditAction = keyof typeof AUDIT_ACTIONS;

/** `done`: it is done, or will be. `refused`: it was not allowed. */
export const AUDIT_OUTCOMES = ['done', 'refused'] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** More about it, in a few words. Never secrets, never anything out of events: the log is never forgotten. */
export type AuditDetail = Readonly<Record<string, string | number | boolean | null>>;

/** Something to be entered. */
export interface AuditEntry {
  readonly actor: AuditActor;
  readonly action: AuditAction;
  /** What it was done to: an id. */
  readonly object: string;
  /** Id of the project that it belongs to; none: of no single one. */
  readonly project?: string | null;
  readonly organisation?: string | null;
  /** `done` unless said otherwise. */
  readonly outcome?: AuditOutcome;
  readonly detail?: AuditDetail;
}

/** An entry as it is stored: the columns of its row. */
export type AuditRow = AuditTable;

/** Version of the encoding that hashes are made of. */
const ENCODING = 1;
/** `previous` of the first entry. */
export const FIRST_PREVIOUS = '0'.repeat(64);
/** Longer texts are cut off. */
const TEXT_LENGTH_MAX = 300;
const DETAILS_MAX = 20;

/**
 * A text as it may stand in an entry: without what could be stored in two ways or read back as something else (control characters, halves of surrogate pairs, replacement
 * characters), and not too long.
 */
const plain = (text: string): string =>
  text
    .slice(0, TEXT_LENGTH_MAX)
    .toWellFormed()
    .replaceAll(/[\p{Cc}\uFFFD]/gu, '?');

const plainOrNull = (text: string | null | undefined): string | null =>
  text === null || text === undefined ? null : plain(text);

const detailOf = (detail: AuditDetail): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(detail)
        .slice(0, DETAILS_MAX)
        .map(([name, value]) => [plain(name), typeof value === 'string' ? plain(value) : value]),
    ),
  );

/** The text that an entry's hash is made of: a JSON array of the columns in their order, without the hash, as `JSON.stringify` writes it. */
export const canonicalText = (row: Omit<AuditRow, 'hash'>): string =>
  JSON.stringify([
    ENCODING,
    row.sequence,
    row.at,
    row.actor_kind,
    row.actor_id,
    row.actor_name,
    row.organisation,
    row.project,
    row.action,
    row.object,
    row.outcome,
    row.detail,
    row.previous,
  ]);

/** The hash of a canonical text: SHA-256 over its UTF-8 bytes, lower-case hex. */
export const hashOfText = (text: string | Uint8Array): string => hash('sha256', text, 'hex');

/** The row of an entry behind another. */
export const rowOf = (
  entry: AuditEntry,
  place: { readonly sequence: number; readonly atMs: number; readonly previous: string },
): AuditRow => {
  const row = {
    sequence: place.sequence,
    at: place.atMs,
    actor_kind: entry.actor.kind,
    actor_id: plain(entry.actor.id),
    actor_name: plain(entry.actor.name),
    organisation: plainOrNull(entry.organisation),
    project: plainOrNull(entry.project),
    action: entry.action,
    object: plain(entry.object),
    outcome: entry.outcome ?? 'done',
    detail: detailOf(entry.detail ?? {}),
    previous: place.previous,
  };
  return { ...row, hash: hashOfText(canonicalText(row)) };
};

/** A line of an archive: the hash, a space, the canonical text. */
export const lineOf = (row: AuditRow): string => `${row.hash} ${canonicalText(row)}\n`;
