import { type Finding, findingAt, isForTests, lineOf, type Source, visit } from './source.ts';

/** Lines of one function at most. */
const FUNCTION_LINES_MAX = 70;

/** Only here may src read the environment. */
const ENVIRONMENT_READER = 'src/config/environment.ts';

const BANNED_COMMENT = /@ts-(ignore|nocheck|expect-error)/;

/** `any`, `!` and comments that switch the compiler off. */
export const escapeFindings = (source: Source): Finding[] => {
  const found: Finding[] = [];
  const note = (at: number, what: string): number => found.push(findingAt(source, at, what));
  visit(source, {
    TSAnyKeyword: ({ start }) => note(start, 'any'),
    TSNonNullExpression: ({ end }) => note(end, 'non-null "!"'),
    PropertyDefinition: ({ definite, start }) => definite && note(start, 'definite "!"'),
    VariableDeclarator: ({ definite, start }) => definite === true && note(start, 'definite "!"'),
  });
  for (const { value, start } of source.comments) if (BANNED_COMMENT.test(value)) note(start, value.trim());
  return found;
};

/** Reads of `process.env` where it is not allowed. */
export const environmentFindings = (source: Source): Finding[] => {
  if (source.path === ENVIRONMENT_READER) return [];
  const found: Finding[] = [];
  visit(source, {
    MemberExpression: ({ object, property, start }) => {
      const name =
        property.type === 'Identifier' ? property.name : property.type === 'Literal' ? property.value : '';
      if (object.type === 'Identifier' && object.name === 'process' && name === 'env')
        found.push(findingAt(source, start, 'process.env; take it from the configuration'));
    },
    ImportDeclaration: ({ source: from, specifiers, start }) => {
      const takesEnv = specifiers.some(
        (each) =>
          each.type === 'ImportSpecifier' &&
          each.imported.type === 'Identifier' &&
          each.imported.name === 'env',
      );
      if (takesEnv && /^(node:)?process$/.test(from.value))
        found.push(findingAt(source, start, 'env of node:process'));
    },
  });
  return found;
};

/** Functions over the limit. */
export const lengthFindings = (source: Source): Finding[] => {
  const found: Finding[] = [];
  const measure = ({ start, end }: { readonly start: number; readonly end: number }): void => {
    const lines = lineOf(source.text, end) - lineOf(source.text, start) + 1;
    if (lines > FUNCTION_LINES_MAX) found.push(findingAt(source, start, `a function of ${lines} lines`));
  };
  visit(source, {
    FunctionDeclaration: measure,
    FunctionExpression: measure,
    ArrowFunctionExpression: measure,
  });
  return found;
};

/** Default exports. */
export const defaultExportFindings = (source: Source): Finding[] => {
  const found: Finding[] = [];
  visit(source, {
    ExportDefaultDeclaration: ({ start }) => found.push(findingAt(source, start, 'default export')),
  });
  return found;
};

/** A type that says no more than the value it is taken from: `(typeof SCOPES)[number]`, `z.infer<typeof event>`. */
const DERIVED_TYPE = /^export type \w+ =[^={;]*\btypeof /;

/**
 * Exports without a doc comment before them. None is needed for a type derived from a value (the value has one), nor for what stands directly below a
 * documented export, without a blank line: they share the comment.
 */
export const docFindings = (source: Source): Finding[] => {
  const { text, comments, program } = source;
  const docEnds = comments
    .filter(({ type, value }) => type === 'Block' && value.startsWith('*'))
    .map(({ end }) => end);
  const follows = (ends: readonly number[], start: number, gap: RegExp): boolean =>
    ends.some((end) => end <= start && gap.test(text.slice(end, start)));
  const documentedEnds: number[] = [];
  const found: Finding[] = [];
  for (const statement of program.body) {
    if (statement.type !== 'ExportNamedDeclaration' || statement.declaration === null) continue;
    const { start, end } = statement;
    const isDocumented =
      follows(docEnds, start, /^\s*$/) ||
      follows(documentedEnds, start, /^\n$/) ||
      DERIVED_TYPE.test(text.slice(start, end));
    if (isDocumented) documentedEnds.push(end);
    else found.push(findingAt(source, start, 'an export without a doc comment'));
  }
  return found;
};

/** The rules for each file of src by itself, by the words that tell what is asked. */
export const RULES: Readonly<Record<string, (source: Source) => Finding[]>> = {
  'no any, no "!", no comment that switches the compiler off, outside tests': (source) =>
    isForTests(source) ? [] : escapeFindings(source),
  'process.env is read in one place': (source) => (isForTests(source) ? [] : environmentFindings(source)),
  'no function is longer than 70 lines, outside tests': (source) =>
    isForTests(source) ? [] : lengthFindings(source),
  'no default exports': defaultExportFindings,
  'every export is documented, outside tests': (source) => (isForTests(source) ? [] : docFindings(source)),
};
