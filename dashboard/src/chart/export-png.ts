import { saveFile } from '../lib/save-file.ts';
import { paintBox } from './paint-box.ts';
import { paintSvg } from './paint-svg.ts';
import { paintText } from './paint-text.ts';

/** A picture is at most so many pixels wide and high: browsers make no larger ones everywhere. */
const SIDE_MAX = 8_000;
/** Pixels of the picture for each of the page. */
const SCALE = 2;
const TITLE = { height: 40, left: 16, font: '600 15px' };
const MARGIN = 16;

const isSeen = (style: CSSStyleDeclaration): boolean =>
  style.display !== 'none' &&
  style.visibility === 'visible' &&
  style.opacity !== '0' &&
  style.clipPath === 'none';

/** Left out of pictures: what stands there for a moment, and what can only be pressed. */
const LEFT_OUT = '.chart-tip, [data-no-picture]';

const paintElement = async (context: CanvasRenderingContext2D, element: Element): Promise<void> => {
  const style = getComputedStyle(element);
  if (!isSeen(style) || element.matches(LEFT_OUT)) return;
  const box = element.getBoundingClientRect();
  context.save();
  context.globalAlpha *= Number(style.opacity);
  if (element instanceof SVGSVGElement) await paintSvg(context, element);
  else if (element instanceof HTMLCanvasElement) {
    if (box.width > 0 && box.height > 0) context.drawImage(element, box.x, box.y, box.width, box.height);
  } else {
    paintBox(context, box, style);
    if (style.overflowX !== 'visible' || style.overflowY !== 'visible') {
      context.beginPath();
      context.rect(box.x, box.y, box.width, box.height);
      context.clip();
    }
    await paintChildren(context, element, style);
  }
  context.restore();
};

const paintChildren = async (
  context: CanvasRenderingContext2D,
  element: Element,
  style: CSSStyleDeclaration,
): Promise<void> => {
  for (const child of element.childNodes)
    if (child instanceof Element) await paintElement(context, child);
    else if (child instanceof Text) paintText(context, child, style);
};

/** The colour that an element stands on: its own, or that of what is around it. */
const groundOf = (element: Element): string => {
  for (let at: Element | null = element; at !== null; at = at.parentElement) {
    const { backgroundColor } = getComputedStyle(at);
    if (backgroundColor !== 'rgba(0, 0, 0, 0)' && backgroundColor !== 'transparent') return backgroundColor;
  }
  return '#ffffff';
};

/** What a picture may say beside what is drawn. */
export interface PictureOptions {
  /** Stands above it. */
  readonly title?: string;
}

/** A picture of an element as it is seen now. Everything is painted by hand, so that nothing is fetched and fonts stay as they are. */
export const pictureOf = async (element: HTMLElement, { title }: PictureOptions = {}): Promise<Blob> => {
  const box = element.getBoundingClientRect();
  const width = box.width + 2 * MARGIN;
  const top = title === undefined ? MARGIN : TITLE.height;
  const height = box.height + top + MARGIN;
  const scale = Math.min(SCALE, SIDE_MAX / Math.max(1, width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('The browser cannot draw.');
  context.scale(scale, scale);
  context.fillStyle = groundOf(element);
  context.fillRect(0, 0, width, height);
  if (title !== undefined) {
    const { color, fontFamily } = getComputedStyle(element);
    context.fillStyle = color;
    context.font = `${TITLE.font} ${fontFamily}`;
    context.textBaseline = 'middle';
    context.fillText(title, TITLE.left, TITLE.height / 2, width - 2 * TITLE.left);
  }
  context.translate(MARGIN - box.x, top - box.y);
  await paintElement(context, element);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob === null) reject(new Error('The picture is too large for the browser.'));
      else resolve(blob);
    }, 'image/png');
  });
};

/** Gives a picture of an element to the browser to keep. */
export const exportPng = async (
  element: HTMLElement,
  name: string,
  options?: PictureOptions,
): Promise<void> => saveFile(await pictureOf(element, options), `${name}.png`);
