/** E-mail addresses, as far as they name people here: nothing is ever sent to them. */

/** Longest address that mail takes. */
export const EMAIL_LENGTH_MAX = 254;
/** Something, an at sign, something with a dot or a single word; no spaces or control characters. */
export const EMAIL = /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u;

/** An address as it is compared: however it is capitalised and composed, it is the same person's. */
export const emailKeyOf = (email: string): string => email.trim().normalize('NFKC').toLowerCase();
