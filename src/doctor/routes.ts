import type { DoctorAnswer } from '../contract/doctor.ts';
import type { App } from '../http/app.ts';
import { requirePermission } from '../http/auth.ts';
import { pathOf } from '../http/route-path.ts';
import type { Doctor } from './doctor.ts';

/** Registers the routes of the checks. */
export const registerDoctorRoutes = (app: App, doctor: Doctor): void => {
  const operator = requirePermission('platform:admin');
  app.get(pathOf('readDoctor'), operator, (c) => c.json(doctor.answer()));
  app.post(pathOf('runDoctor'), operator, async (c) => {
    await doctor.examine();
    return c.json(doctor.answer() satisfies DoctorAnswer);
  });
};
