import { refused } from './problem.ts';

/** A node of the engine's own parse, as `EXPLAIN AST` tells it. */
export interface SyntaxNode {
  /** First word of its line: `Function`, `SelectQuery`. */
  readonly kind: string;
  /** What follows the kind, without the count of children: `count (alias n)`. */
  readonly rest: string;
  readonly children: readonly SyntaxNode[];
}

const LINE = /^( *)(\S+)(?: (.*?))??(?: \(children (\d+)\))?$/s;
const UNREADABLE = 'The statement cannot be judged: the engine’s parse of it is not readable.';

interface Growing {
  readonly kind: string;
  readonly rest: string;
  readonly children: Growing[];
  readonly expected: number;
}

/**
 * Reads the lines of `EXPLAIN AST`: indentation is depth, and every node says how many children it has. Both must agree everywhere: no text inside a statement can pretend to be a node. Throws SqlProblem if they do not.
 */
export const readSyntaxTree = (lines: readonly string[]): SyntaxNode => {
  const root: Growing = { kind: '', rest: '', children: [], expected: 1 };
  const path = [root];
  for (const line of lines) {
    const [, indent = '', kind = '', rest = '', children = '0'] = LINE.exec(line) ?? [];
    const parent = path[indent.length];
    if (kind === '' || parent === undefined) throw refused(UNREADABLE);
    const node: Growing = { kind, rest, children: [], expected: Number(children) };
    parent.children.push(node);
    path.length = indent.length + 1;
    path.push(node);
  }
  checkCounts(root);
  const [tree] = root.children;
  if (tree === undefined) throw refused(UNREADABLE);
  return tree;
};

const checkCounts = (node: Growing): void => {
  if (node.children.length !== node.expected) throw refused(UNREADABLE);
  for (const child of node.children) checkCounts(child);
};
