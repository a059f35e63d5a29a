import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Inline, parseMarkdown, safeHref } from './markdown.ts';

const words = (children: readonly Inline[]): string =>
  children
    .map((each) => {
      if (each.kind === 'break') return '\n';
      return 'text' in each ? each.text : words(each.children);
    })
    .join('');

const inlineOf = (text: string): readonly Inline[] => {
  const [block] = parseMarkdown(text);
  assert.ok(block?.kind === 'paragraph');
  return block.children;
};

test('blocks are told apart', () => {
  const text = [
    '# Shop',
    'Two lines',
    'of one paragraph.',
    '',
    '## Numbers ##',
    '- one',
    '* two',
    '1. first',
    '2) second',
    '> said',
    '> twice',
    '---',
    '```sql',
    'select **1**',
    '```',
    'end',
  ].join('\r\n');
  assert.deepEqual(
    parseMarkdown(text).map((block) => {
      if (block.kind === 'line') return 'line';
      if (block.kind === 'code') return `code ${block.text}`;
      if (block.kind === 'list')
        return `${block.isOrdered ? 'ordered' : 'list'} ${block.items.map(words).join(', ')}`;
      return `${block.kind} ${words(block.children)}`;
    }),
    [
      'heading Shop',
      'paragraph Two lines\nof one paragraph.',
      'heading Numbers',
      'list one, two',
      'ordered first, second',
      'quote said\ntwice',
      'line',
      'code select **1**',
      'paragraph end',
    ],
  );
});

test('marks within a line', () => {
  assert.deepEqual(inlineOf('a **b *c*** `d*` ~~e~~ snake_case_name'), [
    { kind: 'text', text: 'a ' },
    { kind: 'strong', children: [{ kind: 'text', text: 'b *c' }] },
    { kind: 'text', text: '* ' },
    { kind: 'code', text: 'd*' },
    { kind: 'text', text: ' ' },
    { kind: 'struck', children: [{ kind: 'text', text: 'e' }] },
    { kind: 'text', text: ' snake_case_name' },
  ]);
  assert.equal(
    words(inlineOf('\\*not\\* 2 * 3 * 4, a lone ` and [no](link')),
    '*not* 2 * 3 * 4, a lone ` and [no](link',
  );
});

test('links lead to pages and nowhere else', () => {
  assert.deepEqual(inlineOf('[**docs**](https://example.com/a?b=c)'), [
    {
      kind: 'link',
      href: 'https://example.com/a?b=c',
      children: [{ kind: 'strong', children: [{ kind: 'text', text: 'docs' }] }],
    },
  ]);
  for (const href of ['/boards/brd_1?x=1', '#part', '?a=b', 'mailto:a@example.com', 'http://example.com'])
    assert.equal(safeHref(href), href);
  for (const href of [
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'java\tscript:alert(1)',
    ' javascript:alert(1)',
    'javascript&colon;alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:msgbox(1)',
    'file:///etc/passwd',
    '//evil.example',
    '/\\evil.example',
    'blob:https://example.com/1',
    '',
  ])
    assert.equal(safeHref(href), undefined, href);
  const [part] = inlineOf('[press](javascript:alert(1))');
  assert.deepEqual(part, { kind: 'text', text: '[press](javascript:alert(1))' });
});

test('HTML is text', () => {
  const html = '<img src=x onerror=alert(1)><script>alert(1)</script>';
  assert.equal(words(inlineOf(html)), html);
});

test('texts that are made to take long do not', () => {
  for (const piece of ['*', '**', '_a', '[', '[a](', '`', '~~', '> ', '\\', '*a _b ~~c '])
    parseMarkdown(piece.repeat(10_000 / piece.length));
});
