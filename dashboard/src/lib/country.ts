const NAMES = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
const CODE = /^[A-Za-z]{2}$/;

/** The name of a country by its two letters; what was sent, where it is no code of a country. */
export const countryName = (code: string): string =>
  CODE.test(code) ? (NAMES.of(code.toUpperCase()) ?? code) : code;
