import {
  ANNOTATION_LIMITS,
  type AnnotationAnswer,
  annotationChangeSchema,
  type AnnotationsAnswer,
  annotationsQuerySchema,
  type NewAnnotation,
  newAnnotationSchema,
} from '../contract/annotations.ts';
import type { RemovedSaved } from '../contract/saved.ts';
import { TIME_MAX_MS, TIME_MIN_MS } from '../event/limits.ts';
import type { App } from '../http/app.ts';
import { requirePermission } from '../http/auth.ts';
import { savingOf } from '../http/project-change.ts';
import { pathOf } from '../http/route-path.ts';
import { isoOf, parseInstant } from '../query/instant.ts';
import { parseRequest } from '../http/parse-request.ts';
import { invalidAt } from '../http/request-problem.ts';
import { bodyOf, projectOf, queryOf } from '../http/request-parts.ts';
import type { Annotation, AnnotationDraft } from './annotation-store.ts';
import { BOARDS, INSIGHTS } from './content.ts';
import { found, idOf, type SavedRoutesOptions } from './saved-routes.ts';

/** Registers the routes of annotations. */
export const registerAnnotationRoutes = (
  app: App,
  { annotations, clock }: Pick<SavedRoutesOptions, 'annotations' | 'clock'>,
): void => {
  const read = requirePermission('data:read');
  const write = requirePermission('insights:write');
  app.get(pathOf('listAnnotations'), read, async (c) => {
    const { from, to, board, insight } = parseRequest(annotationsQuerySchema, queryOf(c));
    const at = (path: string, text: string | undefined, otherwise: number): number =>
      text === undefined ? otherwise : instantOf(path, text, clock.nowMs());
    const [fromMs, toMs] = [at('from', from, TIME_MIN_MS), at('to', to, TIME_MAX_MS + 1)];
    if (fromMs >= toMs) throw invalidAt('to', 'must lie behind "from"; the end is not included.');
    const objects = [board, insight].filter((id) => id !== undefined);
    const rows = await annotations.list(projectOf(c), { fromMs, toMs, objects });
    const newest = rows.slice(0, ANNOTATION_LIMITS.listMax);
    return c.json({
      annotations: newest.reverse().map(annotationAnswer),
      truncated: rows.length > newest.length,
    } satisfies AnnotationsAnswer);
  });
  app.post(pathOf('createAnnotation'), write, async (c) => {
    const wanted = parseRequest(newAnnotationSchema, await bodyOf(c, 'annotation'));
    const made = await annotations.create(draftOf(wanted, clock.nowMs()), savingOf(c));
    return c.json(annotationAnswer(made), 201);
  });
  app.put(pathOf('changeAnnotation'), write, async (c) => {
    const wanted = parseRequest(annotationChangeSchema, await bodyOf(c, 'annotation'));
    const draft = draftOf(wanted, clock.nowMs());
    const changed = annotations.change(idOf(c), wanted.version, draft, savingOf(c));
    return c.json(annotationAnswer(await found('annotation', changed)));
  });
  app.delete(pathOf('removeAnnotation'), write, async (c) => {
    const { id } = await found('annotation', annotations.remove(idOf(c), savingOf(c)));
    return c.json({ id, removed: true } satisfies RemovedSaved);
  });
};

const instantOf = (path: string, input: string | number, nowMs: number): number =>
  parseInstant(input, { path, nowMs, timeZone: 'UTC' });

const draftOf = ({ text, from, to, board, insight }: NewAnnotation, nowMs: number): AnnotationDraft => {
  if (board !== undefined && insight !== undefined)
    throw invalidAt(
      'insight',
      'An annotation is of a board, of an insight, or of the whole project: name one at most.',
    );
  const startsAtMs = instantOf('from', from, nowMs);
  const endsAtMs = to === undefined ? null : instantOf('to', to, nowMs);
  if (endsAtMs !== null && endsAtMs <= startsAtMs)
    throw invalidAt('to', 'must lie behind "from". Leave it out for an instant.');
  return { text, startsAtMs, endsAtMs, object: objectOf(board, insight) };
};

const objectOf = (board: string | undefined, insight: string | undefined): AnnotationDraft['object'] => {
  if (board !== undefined) return { kind: 'board', id: board };
  return insight === undefined ? null : { kind: 'insight', id: insight };
};

const annotationAnswer = (row: Annotation): AnnotationAnswer => {
  const of = (prefix: string): string | null =>
    row.object?.startsWith(`${prefix}_`) === true ? row.object : null;
  return {
    ...{ id: row.id, text: row.text, from: isoOf(row.starts_at) },
    ...{ to: row.ends_at === null ? null : isoOf(row.ends_at) },
    ...{ board: of(BOARDS.prefix), insight: of(INSIGHTS.prefix) },
    ...{ version: row.version, created_at: isoOf(row.created_at), created_by: row.created_by },
    ...{ updated_at: isoOf(row.updated_at), updated_by: row.updated_by },
  };
};
