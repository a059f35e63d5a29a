import { paintText } from './paint-text.ts';

/** What makes up the look of a drawing and may come from a style sheet. */
const LOOKS = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-opacity',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'opacity',
  'visibility',
  'display',
] as const;

/** A copy that looks the same without style sheets; texts are left out, because a drawing by itself does not have our fonts. */
const copyOf = (svg: SVGSVGElement, box: DOMRect): string => {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const [originals, copies] = [svg, copy].map((each) => [each, ...each.querySelectorAll('*')]);
  originals?.forEach((original, index) => {
    const mine = copies?.[index];
    if (!(mine instanceof SVGElement)) return;
    const style = getComputedStyle(original);
    for (const look of LOOKS) mine.style.setProperty(look, style.getPropertyValue(look));
    mine.removeAttribute('class');
  });
  for (const text of copy.querySelectorAll('text, title')) text.remove();
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(box.width));
  copy.setAttribute('height', String(box.height));
  return new XMLSerializer().serializeToString(copy);
};

/** Paints a drawing where it stands on the page. */
export const paintSvg = async (context: CanvasRenderingContext2D, svg: SVGSVGElement): Promise<void> => {
  const box = svg.getBoundingClientRect();
  if (box.width === 0 || box.height === 0) return;
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(copyOf(svg, box))}`;
  await image.decode();
  context.drawImage(image, box.x, box.y, box.width, box.height);
  const walker = document.createTreeWalker(svg, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!(node instanceof Text) || parent === null || parent.tagName === 'title') continue;
    context.save();
    paintText(context, node, getComputedStyle(parent));
    context.restore();
  }
};
