import { askFile, pathOf } from '../data/api.ts';
import { saveFile } from '../lib/save-file.ts';
import type { Question } from './kinds.ts';

/** Formats of tables that answers can be kept as, with what they are called. */
export const EXPORT_FORMATS = { csv: 'CSV', parquet: 'Parquet', ndjson: 'NDJSON' } as const;
export type ExportFormat = keyof typeof EXPORT_FORMATS;

const TIMEOUT_MS = 120_000;

/** A name as files may have it. */
export const fileName = (title: string, ending: string): string => {
  const plain = title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-+|-+$/gu, '')
    .slice(0, 80);
  return `${plain === '' ? 'answer' : plain}.${ending}`;
};

/** Asks for the answer as a table and gives it to the browser to keep. Rejects with ApiError. */
export const exportTable = async (
  project: string,
  question: Question,
  format: ExportFormat,
  title: string,
): Promise<void> => {
  const { file } = await askFile(pathOf('/api/query', project, { format }), {
    body: question,
    timeoutMs: TIMEOUT_MS,
  });
  saveFile(file, fileName(title, format));
};

const SCALE = 2;
const PADDING = 24;

/** Colours and type of everything that is drawn: outside of the page the style sheets are not there. */
const STYLES = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-opacity',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
  'dominant-baseline',
] as const;

const pictureOf = async (svg: SVGSVGElement, width: number, height: number): Promise<HTMLImageElement> => {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const from = [svg, ...svg.querySelectorAll('*')];
  [copy, ...copy.querySelectorAll('*')].forEach((element, index) => {
    const source = from[index];
    if (source === undefined) return;
    const style = getComputedStyle(source);
    for (const name of STYLES) element.setAttribute(name, style.getPropertyValue(name));
  });
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await picture.decode();
  return picture;
};

/** What can be drawn of a part of the page: its charts. */
const drawnIn = (host: Element): readonly (HTMLCanvasElement | SVGSVGElement)[] =>
  [...host.querySelectorAll<HTMLCanvasElement | SVGSVGElement>('canvas, svg:not(.icon)')].filter((each) => {
    const { width, height } = each.getBoundingClientRect();
    return width > 40 && height > 40;
  });

/** Whether there is a chart that can be kept as a picture. */
export const hasPicture = (host: Element | null): host is Element =>
  host !== null && drawnIn(host).length > 0;

const colourOf = (name: string): string => {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
};

const pen = (canvas: HTMLCanvasElement): CanvasRenderingContext2D => {
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('This browser draws no pictures.');
  return context;
};

const TITLE_HEIGHT = 40;

/** Gives the charts of a part of the page to the browser to keep, as a picture with a title. */
export const exportPicture = async (host: Element, title: string): Promise<void> => {
  const box = host.getBoundingClientRect();
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil((box.width + 2 * PADDING) * SCALE);
  canvas.height = Math.ceil((box.height + 2 * PADDING + TITLE_HEIGHT) * SCALE);
  const context = pen(canvas);
  context.scale(SCALE, SCALE);
  context.fillStyle = colourOf('--surface');
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = colourOf('--ink');
  context.font = `600 16px ${getComputedStyle(document.body).fontFamily}`;
  context.fillText(title, PADDING, PADDING + 16, box.width);
  for (const element of drawnIn(host)) {
    const { left, top, width, height } = element.getBoundingClientRect();
    const drawn = element instanceof SVGSVGElement ? await pictureOf(element, width, height) : element;
    context.drawImage(
      drawn,
      left - box.left + PADDING,
      top - box.top + PADDING + TITLE_HEIGHT,
      width,
      height,
    );
  }
  const file = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (file === null) throw new Error('The picture is too large.');
  saveFile(file, fileName(title, 'png'));
};
