import type { PromotionAnswer, PropertiesAnswer } from '../../../src/contract/properties.ts';
import { pathOf } from './api.ts';
import { useChanging } from './changing.ts';
import { type Resource, useResource } from './resource.ts';

const KEY = 'properties';
const EVERY_MS = 5_000;

/** The properties that queries ask for, and which have a column of their own. */
export const usePromotions = (project: string): Resource<PropertiesAnswer> =>
  useResource({ key: [KEY, project], path: pathOf('/api/properties', project), everyMs: EVERY_MS });

/** Gives a property a column of its own, or takes it away. */
export const usePromote = (
  project: string,
): ((input: { readonly key: string; readonly isPromoted: boolean }) => Promise<PromotionAnswer>) =>
  useChanging([[KEY, project]], project, ({ key, isPromoted }) => ({
    path: `/api/properties/${encodeURIComponent(key)}/promotion`,
    method: isPromoted ? 'PUT' : 'DELETE',
  }));
