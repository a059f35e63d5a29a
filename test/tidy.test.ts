/** The source checks itself: the rules of docs/architecture.md and CONTRIBUTING.md that a compiler does not know. */

import assert from 'node:assert/strict';
import { basename, dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { cycleFindings, dashboardFindings, LAYERS, layerFindings, partOf } from './tidy/layers.ts';
import {
  defaultExportFindings,
  docFindings,
  environmentFindings,
  escapeFindings,
  lengthFindings,
  RULES,
} from './tidy/rules.ts';
import { type Finding, lineOf, parseSource, projectFiles, sourcesUnder, textOf } from './tidy/source.ts';

const KEBAB_CASE = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/;
const PROPER_NAMES = new Set(['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'LICENSE', 'SECURITY.md']);
const SELF = 'test/tidy.test.ts';
const LEFT_OVER = /\b(TODO|FIXME|XXX)\b/;
/** Whoever installs decides where packages come from. */
const REGISTRY_HOST =
  /\b(registry\.npmjs|npmjs\.(org|com)|yarnpkg\.com|repo1?\.maven|maven\.apache\.org\/maven2|pypi\.org|pythonhosted\.org)/;
const TEXT_FILE = /\.(ts|mjs|js|json|md|css|html|yml|yaml|sh|xml|sql)$|^\.ci\/|^\.npmrc$/;

const src = sourcesUnder('src');
const dashboard = sourcesUnder('dashboard/src');

const assertNone = (findings: readonly Finding[]): void => {
  if (findings.length > 0) assert.fail(`\n${findings.join('\n')}`);
};

/** Lines of the project's text files, but for this one, that match. */
const linesLike = (pattern: RegExp): Finding[] =>
  projectFiles()
    .filter((path) => TEXT_FILE.test(path) && path !== SELF)
    .flatMap((path) => {
      const text = textOf(path);
      const match = pattern.exec(text);
      return match === null ? [] : [`${path}:${lineOf(text, match.index)}: ${match[0]}`];
    });

test('there is something to check', () => assert.ok(src.length > 50));

test('imports go downward only', () => assertNone([...layerFindings(src), ...dashboardFindings(dashboard)]));

test('no circles of imports', () =>
  assertNone(cycleFindings([...src, ...dashboard, ...sourcesUnder('test'), ...sourcesUnder('bench')])));

test('the table of layers names nothing that is not there', () => {
  const paths = src.map(({ path }) => path.slice('src/'.length));
  const used = new Set([...Object.keys(LAYERS), ...Object.values(LAYERS).flat()]);
  assertNone([...used].filter((part) => !paths.some((path) => path === part || path.startsWith(`${part}/`))));
});

for (const [name, rule] of Object.entries(RULES))
  test(name, () => assertNone([...src, ...dashboard].flatMap(rule)));

test('file names are in kebab-case', () => {
  const names = projectFiles().flatMap((path) => path.split('/').map((name) => ({ path, name })));
  assertNone(
    names.filter(({ name }) => !PROPER_NAMES.has(name) && !KEBAB_CASE.test(name)).map(({ path }) => path),
  );
});

test('links between pages lead somewhere', () => {
  const pages = projectFiles().filter((path) => path.endsWith('.md'));
  const files = new Set(projectFiles());
  assertNone(
    pages.flatMap((page) => {
      const text = textOf(page);
      return [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
        .filter(([, target = '']) => !files.has(normalize(join(dirname(page), target))))
        .map(({ index, 1: target }) => `${page}:${lineOf(text, index)}: ${target}`);
    }),
  );
});

test('every decision is in the list of decisions', () => {
  const list = textOf('docs/decisions/README.md');
  const pages = projectFiles().filter((path) => /^docs\/decisions\/\d/.test(path));
  assertNone(pages.filter((path) => !list.includes(basename(path))));
});

test('nothing is left to do later', () => assertNone(linesLike(LEFT_OVER)));

test('no file names the host of a package registry', () => assertNone(linesLike(REGISTRY_HOST)));

test('the rules find what they are for', () => {
  const findings = (rule: (source: ReturnType<typeof parseSource>) => Finding[], text: string): Finding[] =>
    rule(parseSource('src/a/b.ts', text));
  assert.deepEqual(findings(escapeFindings, 'const a: any = 1;\nb!.c;\nclass D { e!: F }\n// @ts-ignore\n'), [
    'src/a/b.ts:1: any',
    'src/a/b.ts:2: non-null "!"',
    'src/a/b.ts:3: definite "!"',
    'src/a/b.ts:4: @ts-ignore',
  ]);
  assert.equal(
    findings(environmentFindings, "process.env.A; process['env'];\nimport { env } from 'node:process';")
      .length,
    3,
  );
  assert.deepEqual(findings(lengthFindings, `const f = () => {\n${'g();\n'.repeat(69)}};`), [
    'src/a/b.ts:1: a function of 71 lines',
  ]);
  assert.deepEqual(findings(lengthFindings, `const f = () => {\n${'g();\n'.repeat(68)}};`), []);
  assert.equal(findings(defaultExportFindings, 'export default 1;').length, 1);
  assert.deepEqual(
    findings(
      docFindings,
      '/** Doc. */\nexport const A = 1;\nexport type B = 1;\n\nexport type C = (typeof A)[0];\n\nexport type D = B;\n/* no */\nexport const e = 1;',
    ),
    ['src/a/b.ts:7: an export without a doc comment', 'src/a/b.ts:9: an export without a doc comment'],
  );
  const upward = parseSource(
    'src/lib/a.ts',
    "import { b } from '../http/b.ts';\nexport { c } from '../lib/c.ts';\nawait import('../query/d.ts');",
  );
  assert.deepEqual(layerFindings([upward]), [
    'src/lib/a.ts:1: lib may not import http/b.ts',
    'src/lib/a.ts:3: lib may not import query/d.ts',
  ]);
  const circle = [
    parseSource('src/a.ts', "import './b.ts';"),
    parseSource('src/b.ts', "import type { A } from './a.ts';"),
  ];
  assert.deepEqual(cycleFindings(circle), ['src/a.ts -> src/b.ts -> src/a.ts']);
  assert.equal(partOf('log/segment/frame.ts'), 'log/segment');
});
