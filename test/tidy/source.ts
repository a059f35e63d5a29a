import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { type Comment, type Program, parseSync, Visitor, type VisitorObject } from 'oxc-parser';

/** The project's files, and its TypeScript parsed, for the rules of tidy.test.ts. */

const ROOT = new URL('../../', import.meta.url).pathname;

/** One TypeScript file of the project. */
export interface Source {
  /** From the root of the project: `src/log/log.ts`. */
  readonly path: string;
  readonly text: string;
  readonly program: Program;
  readonly comments: readonly Comment[];
  /** The project's files that it imports, types included. */
  readonly imports: readonly { readonly path: string; readonly at: number }[];
}

/** Something that breaks a rule, as `path:line: what`. */
export type Finding = string;

/** All files that are, or would be, in the repository. */
export const projectFiles = (): string[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((path) => path !== '')
    .sort();

/** The text of a file; empty if it was deleted just now. */
export const textOf = (path: string): string => {
  try {
    return readFileSync(join(ROOT, path), 'utf8');
  } catch {
    return '';
  }
};

/** Parses one file. Fails on syntax errors. */
export const parseSource = (path: string, text: string): Source => {
  const { program, module, comments, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const requests = [
    ...module.staticImports.map((each) => ({ name: each.moduleRequest.value, at: each.start })),
    ...module.staticExports.flatMap((each) =>
      each.entries.flatMap((entry) =>
        entry.moduleRequest === null ? [] : [{ name: entry.moduleRequest.value, at: each.start }],
      ),
    ),
    ...module.dynamicImports.map(({ moduleRequest: { start, end }, start: at }) => ({
      name: text.slice(start + 1, end - 1),
      at,
    })),
  ];
  const imports = requests
    .filter(({ name }) => name.startsWith('.'))
    .map(({ name, at }) => ({ path: normalize(join(dirname(path), name)), at }));
  return { path, text, program, comments, imports };
};

/** All TypeScript files under `folder`, parsed. */
export const sourcesUnder = (folder: string): Source[] =>
  projectFiles()
    .filter((path) => path.startsWith(`${folder}/`) && /\.tsx?$/.test(path))
    .map((path) => parseSource(path, textOf(path)))
    .filter(({ text }) => text !== '');

/** The folders whose code is not for tests. */
const PRODUCT = /^(dashboard\/)?src\//;

/** Tests, and what only tests use: some rules leave them free. */
export const isForTests = ({ path }: Source): boolean =>
  path.endsWith('.test.ts') || path.includes('/testing/') || !PRODUCT.test(path);

/** `path:line: what`, for a character offset. */
export const findingAt = ({ path, text }: Source, offset: number, what: string): Finding =>
  `${path}:${lineOf(text, offset)}: ${what}`;

/** The line, from 1, of a character offset. */
export const lineOf = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

/** Walks a file's syntax tree. */
export const visit = (source: Source, visitor: VisitorObject): void =>
  new Visitor(visitor).visit(source.program);
