/** A piece of JSON text and what it is. */
export interface JsonPiece {
  readonly kind: 'key' | 'text' | 'number' | 'word' | 'plain';
  readonly text: string;
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b/g;

const kindOf = (match: RegExpExecArray): JsonPiece['kind'] => {
  if (match[1] !== undefined) return match[2] === undefined ? 'text' : 'key';
  return match[3] === undefined ? 'word' : 'number';
};

/** Cuts JSON text into coloured pieces; put together they are the text again. */
export const jsonPieces = (json: string): JsonPiece[] => {
  const pieces: JsonPiece[] = [];
  let end = 0;
  for (const match of json.matchAll(TOKEN)) {
    const text = match[1] ?? match[0];
    if (match.index > end) pieces.push({ kind: 'plain', text: json.slice(end, match.index) });
    pieces.push({ kind: kindOf(match), text });
    end = match.index + text.length;
  }
  if (end < json.length) pieces.push({ kind: 'plain', text: json.slice(end) });
  return pieces;
};
