import type { Context } from 'hono';
import type { AskedWay } from '../contract/running.ts';
import { PROJECT_PARAMETER } from '../contract/session.ts';
import type { AppEnv } from './app-env.ts';
import { invalidRequest } from './request-problem.ts';

/** The project that a request is confined to. */
export const projectOf = (c: Context<AppEnv>): string => c.var.principal.project;

/** Who asks; the statement ends when the client has gone. */
export const askOf = (c: Context<AppEnv>, way: AskedWay = 'request') => ({
  signal: c.req.raw.signal,
  by: { way, asker: c.var.principal.actor },
});

/** A parameter of the path. */
export const paramOf = (c: Context, name: string): string => {
  const value: string | undefined = c.req.param(name);
  if (value === undefined) throw new RangeError(`the path has no parameter ${name}`);
  return value;
};

/** The JSON body of a request. Throws ApiError `invalid_request` where there is none. */
export const bodyOf = async (c: Context, what = 'question'): Promise<unknown> => {
  const text = await c.req.text();
  if (text === '')
    throw invalidRequest([{ path: '', message: `The request has no body. Send the ${what} as JSON.` }]);
  return JSON.parse(text); // the app has checked that it is JSON
};

/** The query string as an object. A name that is given twice is refused: which of the values is meant nobody knows. */
export const wholeQueryOf = (c: Context): Record<string, string> => {
  const entries = Object.entries(c.req.queries());
  const twice = entries.filter(([, values]) => values.length > 1);
  if (twice.length > 0) {
    throw invalidRequest(
      twice.map(([path, values]) => ({ path, message: `is given ${values.length} times. Give it once.` })),
    );
  }
  return Object.fromEntries(entries.map(([name, [value = '']]) => [name, value]));
};

/** The same without the choice of the project, which was heeded already. */
export const queryOf = (c: Context): Record<string, string> => {
  const { [PROJECT_PARAMETER]: _heeded, ...others } = wholeQueryOf(c);
  return others;
};
