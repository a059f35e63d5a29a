const px = (length: string): number => Number.parseFloat(length) || 0;

const isClear = (colour: string): boolean =>
  colour === 'transparent' || colour === 'rgba(0, 0, 0, 0)' || /[,/]\s*0\)$/.test(colour);

/** The outline of a box. Corners may be elliptic in CSS; here they are round. */
const outline = (context: CanvasRenderingContext2D, box: DOMRect, style: CSSStyleDeclaration): void => {
  const corners = [
    style.borderTopLeftRadius,
    style.borderTopRightRadius,
    style.borderBottomRightRadius,
    style.borderBottomLeftRadius,
  ].map((corner) => Math.min(px(corner), box.width / 2, box.height / 2));
  context.beginPath();
  context.roundRect(box.x, box.y, box.width, box.height, corners);
};

type Side = 'Top' | 'Right' | 'Bottom' | 'Left';

const paintSide = (
  context: CanvasRenderingContext2D,
  box: DOMRect,
  style: CSSStyleDeclaration,
  side: Side,
): void => {
  const width = px(style[`border${side}Width`]);
  const colour = style[`border${side}Color`];
  if (width === 0 || style[`border${side}Style`] === 'none' || isClear(colour)) return;
  const { x, y, right, bottom } = box;
  const lines = {
    Top: [x, y, right - x, width],
    Right: [right - width, y, width, bottom - y],
    Bottom: [x, bottom - width, right - x, width],
    Left: [x, y, width, bottom - y],
  } as const;
  context.fillStyle = colour;
  context.fillRect(...lines[side]);
};

/** Paints the ground of a box and its borders. */
export const paintBox = (
  context: CanvasRenderingContext2D,
  box: DOMRect,
  style: CSSStyleDeclaration,
): void => {
  if (box.width === 0 || box.height === 0) return;
  if (!isClear(style.backgroundColor)) {
    outline(context, box, style);
    context.fillStyle = style.backgroundColor;
    context.fill();
  }
  if (px(style.borderTopLeftRadius) > 0) {
    const width = px(style.borderTopWidth);
    if (width === 0 || style.borderTopStyle === 'none' || isClear(style.borderTopColor)) return;
    outline(context, box, style);
    context.strokeStyle = style.borderTopColor;
    context.lineWidth = width;
    context.stroke();
    return;
  }
  for (const side of ['Top', 'Right', 'Bottom', 'Left'] as const) paintSide(context, box, style, side);
};
