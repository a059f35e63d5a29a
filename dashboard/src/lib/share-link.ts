/** The address that shows what a token is for. It stands behind `#`, which browsers do not send. */
export const shareLink = (publicUrl: string, token: string): string =>
  `${publicUrl.replace(/\/$/u, '')}/shared#${token}`;
