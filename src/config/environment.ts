/** The one place that reads `process.env`. */

/** The variables of this process. */
export const environment = (): Readonly<Record<string, string | undefined>> => process.env;

/** Whether coloured output is wanted on a stream: it is a terminal, and NO_COLOR (no-color.org) is not set. */
export const wantsColour = (stream: { readonly isTTY?: boolean }, variables = environment()): boolean =>
  stream.isTTY === true && !variables['NO_COLOR'] && variables['TERM'] !== 'dumb';
