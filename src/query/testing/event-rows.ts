import type { Row } from './test-warehouse.ts';
import type { ModelEvent } from './trend-model.ts';

/** An event of a model as a row to load: all that questions about who did what can see of it. */
export const rowOfEvent = (event: ModelEvent & { readonly page?: string }, id: string): Row => ({
  project: event.project,
  id,
  time: event.timeMs,
  received_at: event.timeMs,
  type: event.type,
  user_id: event.user_id,
  session_id: event.session_id,
  country: event.country,
  page: event.page ?? '',
  properties: JSON.stringify(event.properties),
});
