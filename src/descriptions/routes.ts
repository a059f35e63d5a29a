import {
  catalogPropertyPathSchema,
  catalogTypePathSchema,
  type DescribedProperty,
  type DescribedType,
  propertyDescriptionSchema,
  typeDescriptionSchema,
} from '../contract/event-catalog.ts';
import type { App } from '../http/app.ts';
import { requirePermission } from '../http/auth.ts';
import { savingOf } from '../http/project-change.ts';
import { pathOf } from '../http/route-path.ts';
import { isoOf } from '../query/instant.ts';
import { parseRequest } from '../http/parse-request.ts';
import { bodyOf } from '../http/request-parts.ts';
import type { DescriptionStore } from './store.ts';

/** Registers the routes that describe types of events and their properties. What is said is read with the catalog. */
export const registerDescriptionRoutes = (app: App, descriptions: DescriptionStore): void => {
  const write = requirePermission('insights:write');
  app.put(pathOf('describeType'), write, async (c) => {
    const { type } = parseRequest(catalogTypePathSchema, c.req.param());
    const wording = parseRequest(typeDescriptionSchema, await bodyOf(c, 'description'));
    const { updatedAtMs, updatedBy, ...said } = await descriptions.describe({ type }, wording, savingOf(c));
    const stamps = { updated_at: isoOf(updatedAtMs), updated_by: updatedBy };
    return c.json({ type, ...said, ...stamps } satisfies DescribedType);
  });
  app.put(pathOf('describeProperty'), write, async (c) => {
    const { type, key } = parseRequest(catalogPropertyPathSchema, c.req.param());
    const wording = parseRequest(propertyDescriptionSchema, await bodyOf(c, 'description'));
    const said = await descriptions.describe({ type, property: key }, wording, savingOf(c));
    const { description, version, updatedAtMs, updatedBy } = said;
    const stamps = { updated_at: isoOf(updatedAtMs), updated_by: updatedBy };
    return c.json({ type, key, description, version, ...stamps } satisfies DescribedProperty);
  });
};
