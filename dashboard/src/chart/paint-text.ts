/** A piece of text in one line, and where it stands. */
interface Piece {
  readonly text: string;
  readonly box: DOMRect;
}

/** Characters of one text that are looked at: more than any of ours has. */
const CHARACTERS_MAX = 5_000;

/** Cuts a text into its lines. */
const piecesOf = (node: Text): Piece[] => {
  const range = document.createRange();
  range.selectNodeContents(node);
  const boxes = [...range.getClientRects()];
  const [whole] = boxes;
  if (whole === undefined) return [];
  // A space at an end may be shown or not: only its box tells.
  if (boxes.length === 1 && !/^\s|\s$/.test(node.data)) return [{ text: node.data, box: whole }];
  const lines = new Map<number, { from: number; to: number }>();
  const length = Math.min(node.length, CHARACTERS_MAX);
  for (let index = 0; index < length; index += 1) {
    range.setStart(node, index);
    range.setEnd(node, index + 1);
    const [box] = range.getClientRects();
    if (box === undefined || box.width === 0) continue;
    const key = Math.round(box.y);
    const line = lines.get(key);
    if (line === undefined) lines.set(key, { from: index, to: index + 1 });
    else line.to = index + 1;
  }
  return [...lines.values()].map(({ from, to }) => {
    range.setStart(node, from);
    range.setEnd(node, to);
    return { text: node.data.slice(from, to), box: range.getBoundingClientRect() };
  });
};

const CASES: Readonly<Partial<Record<string, (text: string) => string>>> = {
  uppercase: (text) => text.toUpperCase(),
  lowercase: (text) => text.toLowerCase(),
};

/** Letters further apart than this share of the text are another font's: then it is left as it is. */
const STRETCH_MAX = 0.3;

/** Sets letters so far apart that the text is as wide as on the page: there, digits may all have the same width, which a canvas does not know. */
const stretch = (context: CanvasRenderingContext2D, text: string, width: number): void => {
  const own = context.measureText(text).width;
  if (text.length > 1 && own > 0 && Math.abs(width - own) / own < STRETCH_MAX)
    context.letterSpacing = `${Number.parseFloat(context.letterSpacing) + (width - own) / text.length}px`;
};

const fitted = (context: CanvasRenderingContext2D, text: string, room: number): string => {
  if (context.measureText(text).width <= room + 1) return text;
  let length = text.length;
  while (length > 0 && context.measureText(`${text.slice(0, length)}…`).width > room) length -= 1;
  return `${text.slice(0, length)}…`;
};

/** How much room a line has: to the right edge of what cuts it off. */
const roomOf = (node: Text, { textOverflow }: CSSStyleDeclaration, box: DOMRect): number => {
  const parent = node.parentElement;
  if (textOverflow !== 'ellipsis' || parent === null) return Number.POSITIVE_INFINITY;
  return parent.getBoundingClientRect().right - box.x;
};

/** Paints a text with its own font, where it stands on the page. */
export const paintText = (
  context: CanvasRenderingContext2D,
  node: Text,
  style: CSSStyleDeclaration,
): void => {
  if (node.data.trim() === '') return;
  const isDrawn = node.parentElement instanceof SVGElement;
  context.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  context.textBaseline = 'alphabetic';
  context.textAlign = 'left';
  const change = CASES[style.textTransform] ?? ((text: string) => text);
  for (const { text, box } of piecesOf(node)) {
    context.letterSpacing = style.letterSpacing === 'normal' ? '0px' : style.letterSpacing;
    const whole = change(text.replace(/\s+/g, ' '));
    const shown = fitted(context, whole, roomOf(node, style, box));
    if (shown === whole) stretch(context, shown, box.width);
    const { fontBoundingBoxAscent: above, fontBoundingBoxDescent: below } = context.measureText(shown);
    const base = box.y + (box.height - above - below) / 2 + above;
    if (isDrawn && style.stroke !== 'none') {
      context.strokeStyle = style.stroke;
      context.lineWidth = Number.parseFloat(style.strokeWidth) || 1;
      context.lineJoin = 'round';
      context.strokeText(shown, box.x, base);
    }
    context.fillStyle = isDrawn ? style.fill : style.color;
    context.fillText(shown, box.x, base);
    if (style.textDecorationLine.includes('line-through'))
      context.fillRect(box.x, base - above * 0.3, box.width, 1);
  }
};
