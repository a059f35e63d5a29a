import { PUBLIC_TABLES } from '../warehouse/public-tables.ts';
import { FUNCTION_NAMES, mayCall } from './functions.ts';
import { refused } from './problem.ts';
import { suggest } from './suggest.ts';
import type { SyntaxNode } from './syntax-tree.ts';
import { checkZones } from './time-zones.ts';
import { checkType } from './types.ts';

/** The page that lists what may be used. */
export const FUNCTIONS_PAGE = 'docs/reference/sql-functions.md';

/** Rows that `numbers` may make. */
export const NUMBERS_MAX = 10_000_000;

/** Nodes without anything of their own to look at. */
const PLAIN_KINDS = new Set([
  'SelectWithUnionQuery',
  'SelectIntersectExceptQuery',
  'SelectQuery',
  'ExpressionList',
  'WithElement',
  'Subquery',
  'TablesInSelectQuery',
  'TablesInSelectQueryElement',
  'TableJoin',
  'ArrayJoin',
  'OrderByElement',
  'WindowDefinition',
  'WindowListElement',
  'InterpolateElement',
  'Asterisk',
  'QualifiedAsterisk',
  'ColumnsTransformerList',
  'ColumnsExceptTransformer',
  'ColumnsReplaceTransformer',
  'ColumnsReplaceTransformer::Replacement',
  'Literal',
]);

/** What the kinds that people meet are called, for the message. */
const REFUSED_KINDS: Readonly<Record<string, string>> = {
  Set: 'SETTINGS may not be used: the limits of a statement are fixed.',
  SampleRatio: 'SAMPLE may not be used: the tables have no key to sample by.',
  ColumnsApplyTransformer: 'APPLY may not be used: write the function around each column.',
  ColumnsRegexpMatcher: 'COLUMNS may not be used: name the columns.',
  ColumnsListMatcher: 'COLUMNS may not be used: name the columns.',
  QueryParameter: 'A parameter has no value: give it under "parameters".',
};

/** The first argument after which a literal names a type, of functions that take one. */
const TYPED = new Set([
  ...['cast', '_cast', 'accuratecast', 'accuratecastornull'],
  ...['jsonextract', 'jsonextractkeysandvalues'],
]);

const MEMBERSHIP = new Set(['in', 'notin', 'nullin', 'notnullin', 'globalin', 'globalnotin']);

const FUNCTION = /^([A-Za-z_]\w*)(?: \(alias .*\))?$/s;
const TEXT_LITERAL = /^'((?:[^'\\]|\\.)*)'(?: \(alias .*\))?$/s;
const NUMBER_LITERAL = /^UInt64_(\d+)(?: \(alias .*\))?$/s;
const TABLE_NAMES: readonly string[] = PUBLIC_TABLES.map(({ name }) => name);

/** Checks the engine's parse of a statement node by node against what is let in. Throws SqlProblem for everything else. */
export const checkSyntax = (root: SyntaxNode): void => {
  // More than the list of SELECTs there are where FORMAT, INTO OUTFILE or SETTINGS stood.
  if (root.kind !== 'SelectWithUnionQuery' || root.children.length !== 1)
    throw refused('Only SELECT is run here (WITH ... SELECT too), without FORMAT, INTO or SETTINGS.');
  checkNode(root);
};

const checkNode = (node: SyntaxNode): void => {
  if (node.kind === 'Function') checkFunction(node);
  else if (node.kind === 'TableExpression') checkTableExpression(node);
  else if (node.kind === 'Identifier') checkName(node.rest);
  else if (!PLAIN_KINDS.has(node.kind))
    throw refused(
      REFUSED_KINDS[node.kind] ?? `This may not be used in a statement here (${plainName(node.kind)}).`,
    );
  if (node.kind !== 'TableExpression') for (const child of node.children) checkNode(child);
};

/** The engine's own columns, of parts, tables and databases, begin with an underscore. */
const checkName = (rest: string): void => {
  const name =
    rest
      .replace(/ \(alias .*$/s, '')
      .split('.')
      .at(-1) ?? '';
  if (name.startsWith('_'))
    throw refused(`The name "${name}" may not be used: names do not begin with an underscore.`);
};

const plainName = (kind: string): string => kind.replaceAll(/[^\w:]/g, '').slice(0, 60);

/** A function of the list. Throws SqlProblem with what is like it otherwise. */
const checkFunction = (node: SyntaxNode): void => {
  const name = FUNCTION.exec(node.rest)?.[1];
  if (name === undefined) throw refused('A function of a name like this may not be used.');
  if (!mayCall(name)) throw refusedFunction(name);
  if (TYPED.has(name.toLowerCase())) checkTypeArgument(name, node);
  if (MEMBERSHIP.has(name.toLowerCase())) checkMembership(node);
  checkZones(name, node);
};

/** The refusal of a function, with those that are like it. */
export const refusedFunction = (name: string): Error => {
  const known = suggest(name, FUNCTION_NAMES);
  const meant = known.length === 0 ? '' : ` Did you mean ${known.join(' or ')}?`;
  return refused(
    `The function "${name}" may not be used here, or there is none.${meant} Those that may are listed in ${FUNCTIONS_PAGE}.`,
    undefined,
    known,
  );
};

/** A type must stand there as text, so that it can be read. `JSONExtract(json, 'key', 'Type')` has one too, and always last. */
const checkTypeArgument = (name: string, { children }: SyntaxNode): void => {
  const type = TEXT_LITERAL.exec(children.at(0)?.children.at(-1)?.rest ?? '')?.[1];
  if (type === undefined || children.at(0)?.children.at(-1)?.kind !== 'Literal')
    throw refused(`The type in ${name}() must be written out, as a text.`);
  // Any other escape would make another text of it than the one that is looked at.
  checkType(type.replaceAll("\\'", "'"));
};

/** A bare name behind IN would be a table. */
const checkMembership = ({ children }: SyntaxNode): void => {
  const set = children.at(0)?.children.at(-1);
  if (set?.kind !== 'Identifier' && set?.kind !== 'TableIdentifier') return;
  const name = set.rest.replace(/ \(alias .*$/s, '');
  throw refused(
    `"${name}" may not stand after IN: write IN (SELECT ...), a list in brackets, or has(list, value).`,
  );
};

/** A table, a sub-query, or `numbers`. */
const checkTableExpression = ({ children }: SyntaxNode): void => {
  for (const child of children) {
    if (child.kind === 'TableIdentifier') checkTableName(child.rest);
    else if (child.kind === 'Function') checkTableFunction(child);
    else if (child.kind === 'Subquery') checkNode(child);
    else
      throw refused(REFUSED_KINDS[child.kind] ?? `This may not stand after FROM (${plainName(child.kind)}).`);
  }
};

/** Names of sub-queries are not known here; that a name without a point is a public table or one of those, the resolved tree shows. */
const checkTableName = (rest: string): void => {
  const name = rest.replace(/ \(alias .*$/s, '');
  if (!name.includes('.')) return;
  throw refused(
    `There is no table "${name}" for you: the tables are ${TABLE_NAMES.join(', ')}, named without a database.`,
    undefined,
    suggest(name.split('.').at(-1) ?? '', TABLE_NAMES),
  );
};

const checkTableFunction = ({ rest, children }: SyntaxNode): void => {
  const name = FUNCTION.exec(rest)?.[1] ?? rest;
  if (name.toLowerCase() !== 'numbers')
    throw refused(
      `"${name.slice(0, 60)}()" may not stand after FROM: the tables are ${TABLE_NAMES.join(', ')}, and numbers(n) counts.`,
    );
  const [list, ...more] = children;
  const bounds = (list?.children ?? []).map(
    (each) => NUMBER_LITERAL.exec(each.kind === 'Literal' ? each.rest : '')?.[1],
  );
  const isBounded = bounds.every((bound) => bound !== undefined && Number(bound) <= NUMBERS_MAX);
  if (more.length > 0 || bounds.length === 0 || bounds.length > 2 || !isBounded)
    throw refused(
      `"numbers" takes one or two whole numbers, written out and at most ${NUMBERS_MAX.toLocaleString('en')}.`,
    );
};
