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
  if (boxes.length === 1) return [{ text: node.data, box: whole }];
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
  context.letterSpacing = style.letterSpacing === 'normal' ? '0px' : style.letterSpacing;
  context.textBaseline = 'alphabetic';
  context.textAlign = 'left';
  const change = CASES[style.textTransform] ?? ((text: string) => text);
  for (const { text, box } of piecesOf(node)) {
    const shown = fitted(context, change(text.replace(/\s+/g, ' ')).trim(), roomOf(node, style, box));
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
