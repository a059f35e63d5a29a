const BEARER = /^bearer +([^ ]+) *$/i;
const BASIC = /^basic +([A-Za-z0-9+/=_-]+) *$/i;

/**
 * The key that a request carries: from `Authorization: Bearer <key>`, else the user name of `Authorization: Basic`, else `X-API-Key`. Undefined if there is none.
 */
export const tokenOf = (
  authorization: string | undefined,
  apiKey: string | undefined,
): string | undefined => {
  if (authorization !== undefined) {
    const bearer = BEARER.exec(authorization)?.[1];
    if (bearer !== undefined) return bearer;
    const basic = BASIC.exec(authorization)?.[1];
    if (basic !== undefined) return userNameOf(basic);
  }
  const trimmed = apiKey?.trim();
  return trimmed === '' ? undefined : trimmed;
};

const userNameOf = (encoded: string): string | undefined => {
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  return name === '' ? undefined : name;
};
