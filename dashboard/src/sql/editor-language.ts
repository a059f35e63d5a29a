import {
  autocompletion,
  type Completion,
  type CompletionSource,
  snippetCompletion,
} from '@codemirror/autocomplete';
import { SQLDialect } from '@codemirror/lang-sql';
import { LanguageSupport, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { tags } from '@lezer/highlight';
import type { SqlSchemaAnswer } from '../../../src/contract/sql.ts';
import { type Choice, choicesAt, isGivingName, KEYWORDS } from './completion.ts';

const TYPES =
  'string fixedstring bool boolean uuid ipv4 ipv6 date date32 datetime datetime64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64 decimal array tuple map nullable lowcardinality';

/** The language of statements, with the names of functions as far as they are known. */
export const languageOf = (schema: SqlSchemaAnswer | undefined): Extension => {
  const dialect = SQLDialect.define({
    keywords: KEYWORDS.join(' ').toLowerCase(),
    types: TYPES,
    builtin: (schema?.functions ?? [])
      .flatMap(({ names }) => names)
      .join(' ')
      .toLowerCase(),
    backslashEscapes: true,
    identifierQuotes: '`"',
    doubleDollarQuotedStrings: false,
    spaceAfterDashes: false,
  });
  return new LanguageSupport(dialect.language);
};

/** What stands out in the text, in the colours of the design. */
export const colours: Extension = syntaxHighlighting(
  HighlightStyle.define([
    { tag: tags.keyword, color: 'var(--accent)', fontWeight: '550' },
    { tag: [tags.string, tags.special(tags.string)], color: 'var(--json-text)' },
    { tag: [tags.number, tags.bool, tags.null], color: 'var(--json-word)' },
    { tag: [tags.comment, tags.lineComment, tags.blockComment], color: 'var(--ink-3)', fontStyle: 'italic' },
    { tag: [tags.standard(tags.name), tags.typeName], color: 'var(--json-key)', fontWeight: '550' },
    { tag: tags.operator, color: 'var(--ink-2)' },
  ]),
);

/** What is near comes before what is far. */
const BOOST = { name: 40, column: 30, table: 20, property: 10, function: 0, keyword: -10 } as const;

const completionOf = ({ kind, text, put, detail, info }: Choice): Completion => {
  const facts = {
    label: text,
    detail,
    type: kind,
    boost: BOOST[kind],
    ...(info === undefined ? {} : { info }),
  };
  if (kind === 'function') return snippetCompletion(`${text}(\${})`, facts);
  return { ...facts, ...(put === undefined ? {} : { apply: put }) };
};

/** Text in which nothing is a name. */
const isQuiet = (before: string): boolean => {
  const line = before.slice(before.lastIndexOf('\n') + 1);
  const quotes = before.replaceAll(/\\.|''/g, '').split("'").length - 1;
  return line.includes('--') || quotes % 2 === 1;
};

/** So many characters are typed before names are offered by themselves. */
const TYPED_LEAST = 2;

/** Whether a word is whole: then nothing is offered, and Enter is a new line. */
const isWritten = (word: string, choices: readonly Choice[]): boolean =>
  choices.some(({ kind, text }) => kind !== 'function' && text.toLowerCase() === word.toLowerCase());

/** Completes names while they are typed, and wherever it is asked for by key. */
export const completing = (
  known: () => { schema: SqlSchemaAnswer | undefined; properties: readonly string[] },
): Extension => {
  const source: CompletionSource = (context) => {
    const word = context.matchBefore(/\w*/);
    const isDot = context.matchBefore(/\w\.\w*/) !== null;
    const { schema, properties } = known();
    if (schema === undefined || word === null) return null;
    if (word.to - word.from < TYPED_LEAST && !context.explicit && !isDot) return null;
    const text = context.state.doc.toString();
    const before = text.slice(0, word.from);
    if (isQuiet(before) || /^\d/.test(word.text)) return null;
    if (!context.explicit && !isDot && isGivingName(before)) return null;
    const choices = choicesAt(text, context.pos, schema, properties);
    if (!context.explicit && isWritten(word.text, choices)) return null;
    return { from: word.from, options: choices.map(completionOf) };
  };
  return autocompletion({ override: [source], icons: false, maxRenderedOptions: 60 });
};
