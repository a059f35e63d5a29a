import type { PropertiesAnswer, Property } from '../contract/properties.ts';
import type { PropertyColumns } from './ports.ts';

/** Promotion of properties as queries and routes use it. */
export interface PropertyPromotions extends PropertyColumns {
  /** Keys that queries of a project asked for; `withColumns`: and all that have a column, whichever project asked for them; `withNumbers`: and what columns cost all projects together. */
  list(
    project: string,
    how: { readonly withColumns: boolean; readonly withNumbers: boolean },
  ): Promise<PropertiesAnswer>;
  /** Gives the key a column of its own, in the background, for good. Rejects with ApiError `conflict` when the budget is used up. */
  promote(key: string): Promise<Property>;
  /** Drops the column of the key. Rejects with ApiError `not_found` when it has none. */
  demote(key: string): Promise<Property>;
}
