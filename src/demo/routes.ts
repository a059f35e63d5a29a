import { type DemoAnswer, type NewDemo, newDemoSchema } from '../contract/demo.ts';
import { ROUTES } from '../contract/routes.ts';
import { type App, hasBody, parsedBody } from '../http/app.ts';
import { requireOperator, requireScope } from '../http/auth.ts';
import type { Demo } from './demo.ts';

/** Registers the routes that show, start and remove the demo. */
export const registerDemoRoutes = (app: App, demo: Demo): void => {
  app.get(ROUTES.readDemo.path, requireScope('read'), (c) => c.json(demo.status() satisfies DemoAnswer));
  app.post(ROUTES.startDemo.path, requireScope('admin'), async (c) => {
    requireOperator(c.var.principal, 'The demo is started');
    const wanted: NewDemo = hasBody(c) ? await parsedBody(c, newDemoSchema) : newDemoSchema.parse({});
    return c.json((await demo.start(wanted)) satisfies DemoAnswer, 202);
  });
  app.delete(ROUTES.clearDemo.path, requireScope('admin'), async (c) => {
    requireOperator(c.var.principal, 'The demo is removed');
    return c.json((await demo.clear()) satisfies DemoAnswer, 202);
  });
};
