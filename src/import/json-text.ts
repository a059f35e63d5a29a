/**
 * Taking JSON text apart without changing it: members and elements are slices of the original, so numbers keep every digit. The functions expect text that
 * JSON.parse accepts; on other text they end without throwing, with an unspecified result.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Offset behind the string literal that starts at `at`. */
const endOfString = (text: string, at: number): number => {
  for (let i = at + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH) i += 1;
    else if (code === QUOTE) return i + 1;
  }
  return text.length;
};

/** Offset behind the array or object that starts at `at`. */
const endOfNested = (text: string, at: number): number => {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) i = endOfString(text, i) - 1;
    else if (code === 0x7b || code === 0x5b) depth += 1;
    else if (code === 0x7d || code === 0x5d) {
      depth -= 1;
      if (depth === 0) return i + 1;
    }
  }
  return text.length;
};

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

const skipSpace = (text: string, at: number): number => {
  let i = at;
  while (i < text.length && isSpace(text.charCodeAt(i))) i += 1;
  return i;
};

/** Offset behind the value that starts at `at`. */
const endOfValue = (text: string, at: number): number => {
  const code = text.charCodeAt(at);
  if (code === QUOTE) return endOfString(text, at);
  if (code === 0x7b || code === 0x5b) return endOfNested(text, at);
  let i = at;
  for (; i < text.length; i++) {
    const next = text.charCodeAt(i);
    if (next === 0x2c || next === 0x7d || next === 0x5d || isSpace(next)) break;
  }
  return i;
};

const keyOf = (literal: string): string =>
  literal.includes('\\') ? (JSON.parse(literal) as string) : literal.slice(1, -1);

/** The members of an object's text, each value as its own text. Of repeated names the last counts, as in JSON.parse. */
export const jsonMembers = (text: string): Map<string, string> => {
  const members = new Map<string, string>();
  let at = skipSpace(text, 0) + 1;
  for (;;) {
    at = skipSpace(text, at);
    if (text.charCodeAt(at) !== QUOTE) return members;
    const keyEnd = endOfString(text, at);
    const key = keyOf(text.slice(at, keyEnd));
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const valueEnd = endOfValue(text, valueStart);
    members.set(key, text.slice(valueStart, valueEnd));
    at = skipSpace(text, valueEnd);
    if (text.charCodeAt(at) !== 0x2c) return members;
    at += 1;
  }
};

/** The elements of an array's text, each as its own text. */
export const jsonElements = (text: string): string[] => {
  const elements: string[] = [];
  let at = skipSpace(text, skipSpace(text, 0) + 1);
  while (at < text.length && text.charCodeAt(at) !== 0x5d) {
    const end = endOfValue(text, at);
    elements.push(text.slice(at, end));
    at = skipSpace(text, end);
    if (text.charCodeAt(at) === 0x2c) at = skipSpace(text, at + 1);
    else break;
  }
  return elements;
};

/** Whether the text is an object's, going by its first character. */
export const isObjectText = (text: string): boolean => text.charCodeAt(skipSpace(text, 0)) === 0x7b;
