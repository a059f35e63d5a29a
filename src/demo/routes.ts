import { type DemoAnswer, type NewDemo, newDemoSchema } from '../contract/demo.ts';
import { ROUTES } from '../contract/routes.ts';
import { type App, hasBody, parsedBody } from '../http/app.ts';
import { requirePermission } from '../http/auth.ts';
import type { Demo } from './demo.ts';

/** Registers the routes that show, start and remove the demo. */
export const registerDemoRoutes = (app: App, demo: Demo): void => {
  app.get(ROUTES.readDemo.path, requirePermission('data:read'), (c) =>
    c.json(demo.status() satisfies DemoAnswer),
  );
  app.post(ROUTES.startDemo.path, requirePermission('platform:admin'), async (c) => {
    const wanted: NewDemo = hasBody(c) ? await parsedBody(c, newDemoSchema) : newDemoSchema.parse({});
    return c.json((await demo.start(wanted, c.var.principal.actor)) satisfies DemoAnswer, 202);
  });
  app.delete(ROUTES.clearDemo.path, requirePermission('platform:admin'), async (c) =>
    c.json((await demo.clear(c.var.principal.actor)) satisfies DemoAnswer, 202),
  );
};
