/** HTML that is safe to send: texts are escaped unless they are themselves Html. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** The text as it is shown, also within attributes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/gu, (character) => ENTITIES[character] ?? character);

type Value = Html | string | number | readonly (Html | string)[] | undefined | false;

const render = (value: Value): string => {
  if (value === undefined || value === false) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(render).join('');
  return escapeHtml(String(value));
};

/**
 * A piece of a page. Values are escaped; arrays are joined; undefined and false are nothing.
 *
 * @example html`<p class="${name}">${text}</p>`
 */
export const html = (literals: TemplateStringsArray, ...values: readonly Value[]): Html =>
  new Html(
    literals.reduce(
      (page, literal, index) => page + (index === 0 ? '' : render(values[index - 1])) + literal,
      '',
    ),
  );

/** A description: lines are paragraphs, text between backticks is code. */
export const prose = (text: string | undefined): Html | undefined => {
  if (text === undefined || text === '') return undefined;
  return new Html(
    text
      .split('\n')
      .map((line) => `<p>${inlineCode(line)}</p>`)
      .join(''),
  );
};

/** One line with code between backticks. */
export const inline = (text: string): Html => new Html(inlineCode(text));

const inlineCode = (line: string): string =>
  line
    .split('`')
    .map((part, index) => (index % 2 === 0 ? escapeHtml(part) : `<code>${escapeHtml(part)}</code>`))
    .join('');

const JSON_TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/gu;

/** JSON, indented and coloured. */
export const jsonHtml = (value: unknown): Html => {
  const text = JSON.stringify(value, null, 2) ?? '';
  let page = '';
  let at = 0;
  for (const match of text.matchAll(JSON_TOKEN)) {
    const [whole, string, colon, word] = match;
    const kind =
      string === undefined ? (word === undefined ? 'num' : 'lit') : colon === undefined ? 'str' : 'key';
    const token = string ?? whole;
    page += `${escapeHtml(text.slice(at, match.index))}<span class="j-${kind}">${escapeHtml(token)}</span>${escapeHtml(colon ?? '')}`;
    at = match.index + whole.length;
  }
  return new Html(page + escapeHtml(text.slice(at)));
};
