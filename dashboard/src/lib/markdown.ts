/**
 * Markdown, as far as it goes here: headings (`#` to `###`), paragraphs, lists (`-`, `*`, `1.`), quotes (`>`), blocks of code between lines of ```` ``` ````, lines (`---`);
 * within them **strong**, *emphasis*, ~~struck~~, `code`, [links](https://...) and `\` before what shall mean nothing. A line break is a line break.
 * Everything else, HTML too, is text. What comes out are values, never markup.
 */

/** A part of a line. */
export type Inline =
  | { readonly kind: 'text' | 'code'; readonly text: string }
  | { readonly kind: 'strong' | 'emphasis' | 'struck'; readonly children: readonly Inline[] }
  | { readonly kind: 'link'; readonly href: string; readonly children: readonly Inline[] }
  | { readonly kind: 'break' };

/** A part of a text. */
export type Block =
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly children: readonly Inline[] }
  | { readonly kind: 'paragraph'; readonly children: readonly Inline[] }
  | {
      readonly kind: 'list';
      readonly isOrdered: boolean;
      readonly items: readonly (readonly Inline[])[];
    }
  | { readonly kind: 'quote'; readonly children: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'line' };

/** Deeper than this, marks are text. */
const DEPTH_MAX = 6;
const ESCAPABLE = /[\\`*_~[\]()#>+.!|<{}-]/;
const MARKS = [
  ['**', 'strong'],
  ['__', 'strong'],
  ['~~', 'struck'],
  ['*', 'emphasis'],
  ['_', 'emphasis'],
] as const;

/** Where links may lead. Nothing that runs: no `javascript:`, no `data:`. */
const SAFE_SCHEMES = ['http:', 'https:', 'mailto:'];

/** The address of a link if it may be one; undefined for one that would run or hide something. */
export const safeHref = (href: string): string | undefined => {
  // Browsers take control characters and spaces out of a scheme: with any of them it is no address here.
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  if (/[\u0000-\u0020\u007f]/.test(href)) return undefined;
  if (/^[/#?](?![/\\])/.test(href)) return href;
  try {
    return SAFE_SCHEMES.includes(new URL(href).protocol) ? href : undefined;
  } catch {
    return undefined;
  }
};

interface Found {
  readonly part: Inline;
  readonly end: number;
}

const LINK = /\[([^[\]\n]{1,500})\]\(([^()\n]{1,2000})\)/y;

const linkAt = (text: string, at: number, depth: number): Found | undefined => {
  LINK.lastIndex = at;
  const match = LINK.exec(text);
  const href = safeHref(match?.[2] ?? ' ');
  if (match === null || href === undefined) return undefined;
  return { part: { kind: 'link', href, children: parts(match[1] ?? '', depth + 1) }, end: LINK.lastIndex };
};

const codeAt = (text: string, at: number): Found | undefined => {
  const end = text.indexOf('`', at + 1);
  if (end < 0 || end === at + 1) return undefined;
  return { part: { kind: 'code', text: text.slice(at + 1, end) }, end: end + 1 };
};

const isWord = (character: string | undefined): boolean =>
  character !== undefined && /[\p{L}\p{N}]/u.test(character);

/** Names hold underscores: between letters they mean nothing. */
const isInsideWord = (text: string, mark: string, at: number): boolean =>
  mark.startsWith('_') && isWord(text[at - 1]) && isWord(text[at + mark.length]);

const markedAt = (text: string, at: number, depth: number): Found | undefined => {
  for (const [mark, kind] of MARKS) {
    if (!text.startsWith(mark, at) || isInsideWord(text, mark, at)) continue;
    const from = at + mark.length;
    let end = text.indexOf(mark, from + 1);
    while (end > 0 && isInsideWord(text, mark, end)) end = text.indexOf(mark, end + 1);
    if (end < 0 || text[from] === ' ' || text[end - 1] === ' ') continue;
    return { part: { kind, children: parts(text.slice(from, end), depth + 1) }, end: end + mark.length };
  }
  return undefined;
};

const partAt = (text: string, at: number, depth: number): Found | undefined => {
  const character = text[at] ?? '';
  if (character === '\n') return { part: { kind: 'break' }, end: at + 1 };
  if (character === '\\' && ESCAPABLE.test(text[at + 1] ?? ''))
    return { part: { kind: 'text', text: text[at + 1] ?? '' }, end: at + 2 };
  if (character === '`') return codeAt(text, at);
  if (depth >= DEPTH_MAX) return undefined;
  if (character === '[') return linkAt(text, at, depth);
  return /[*_~]/.test(character) ? markedAt(text, at, depth) : undefined;
};

const SPECIAL = /[\n\\`[*_~]/g;

const parts = (text: string, depth = 0): Inline[] => {
  const found: Inline[] = [];
  let plain = '';
  const flush = (): void => {
    if (plain !== '') found.push({ kind: 'text', text: plain });
    plain = '';
  };
  for (let at = 0; at < text.length; ) {
    SPECIAL.lastIndex = at;
    const next = SPECIAL.exec(text)?.index ?? text.length;
    plain += text.slice(at, next);
    if (next >= text.length) break;
    const special = partAt(text, next, depth);
    if (special === undefined) plain += text[next] ?? '';
    else if (special.part.kind === 'text') plain += special.part.text;
    else {
      flush();
      found.push(special.part);
    }
    at = special?.end ?? next + 1;
  }
  flush();
  return found;
};

const HEADING = /^(#{1,3})\s+(.+?)\s*#*$/;
const LINE = /^\s{0,3}(?:-{3,}|\*{3,}|_{3,})\s*$/;
const ITEM = /^\s{0,3}(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/;
const QUOTED = /^\s{0,3}>\s?(.*)$/;
const FENCE = /^\s{0,3}```/;

const isOwnBlock = (line: string): boolean =>
  line.trim() === '' || [HEADING, LINE, ITEM, QUOTED, FENCE].some((pattern) => pattern.test(line));

/** So many lines from `from` on hold. */
const runLength = (lines: readonly string[], from: number, holds: (line: string) => boolean): number => {
  let end = from;
  while (end < lines.length && holds(lines[end] ?? '')) end += 1;
  return end - from;
};

interface Taken {
  readonly block: Block;
  /** How many lines it takes. */
  readonly count: number;
}

const codeBlock = (lines: readonly string[], at: number): Taken => {
  const count = runLength(lines, at + 1, (line) => !FENCE.test(line));
  return {
    block: { kind: 'code', text: lines.slice(at + 1, at + 1 + count).join('\n') },
    count: count + 2,
  };
};

const list = (lines: readonly string[], at: number): Taken => {
  const isOrdered = ITEM.exec(lines[at] ?? '')?.[1] !== undefined;
  const count = runLength(lines, at, (line) => {
    const item = ITEM.exec(line);
    return item !== null && (item[1] !== undefined) === isOrdered && !LINE.test(line);
  });
  const items = lines.slice(at, at + count).map((line) => parts(ITEM.exec(line)?.[2] ?? ''));
  return { block: { kind: 'list', isOrdered, items }, count };
};

const quote = (lines: readonly string[], at: number): Taken => {
  const count = runLength(lines, at, (line) => QUOTED.test(line));
  const inside = lines.slice(at, at + count).map((line) => QUOTED.exec(line)?.[1] ?? '');
  return { block: { kind: 'quote', children: parts(inside.join('\n')) }, count };
};

const blockAt = (lines: readonly string[], at: number): Taken => {
  const line = lines[at] ?? '';
  if (FENCE.test(line)) return codeBlock(lines, at);
  if (LINE.test(line)) return { block: { kind: 'line' }, count: 1 };
  const heading = HEADING.exec(line);
  if (heading !== null) {
    const level = heading[1]?.length === 1 ? 1 : heading[1]?.length === 2 ? 2 : 3;
    return { block: { kind: 'heading', level, children: parts(heading[2] ?? '') }, count: 1 };
  }
  if (ITEM.test(line)) return list(lines, at);
  if (QUOTED.test(line)) return quote(lines, at);
  const count = Math.max(
    1,
    runLength(lines, at, (each) => !isOwnBlock(each)),
  );
  return { block: { kind: 'paragraph', children: parts(lines.slice(at, at + count).join('\n')) }, count };
};

/** The parts of a text. */
export const parseMarkdown = (text: string): Block[] => {
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; ) {
    if ((lines[at] ?? '').trim() === '') {
      at += 1;
      continue;
    }
    const { block, count } = blockAt(lines, at);
    blocks.push(block);
    at += count;
  }
  return blocks;
};
