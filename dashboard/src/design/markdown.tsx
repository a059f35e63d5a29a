import './markdown.css';
import { Fragment, type ReactNode, useMemo } from 'react';
import { type Block, type Inline, parseMarkdown } from '../lib/markdown.ts';

const PartView = ({ part }: { readonly part: Inline }): ReactNode => {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'code':
      return <code>{part.text}</code>;
    case 'break':
      return <br />;
    case 'strong':
      return <strong>{partsOf(part.children)}</strong>;
    case 'emphasis':
      return <em>{partsOf(part.children)}</em>;
    case 'struck':
      return <s>{partsOf(part.children)}</s>;
    case 'link':
      return (
        <a href={part.href} target="_blank" rel="noreferrer noopener nofollow">
          {partsOf(part.children)}
        </a>
      );
  }
};

const partsOf = (children: readonly Inline[]): ReactNode =>
  children.map((part, index) => <PartView key={index} part={part} />);

/** Below the title of what the text stands in. */
const HEADINGS = { 1: 'h3', 2: 'h4', 3: 'h5' } as const;

const BlockView = ({ block }: { readonly block: Block }): ReactNode => {
  switch (block.kind) {
    case 'heading': {
      const Heading = HEADINGS[block.level];
      return <Heading>{partsOf(block.children)}</Heading>;
    }
    case 'paragraph':
      return <p>{partsOf(block.children)}</p>;
    case 'list': {
      const List = block.isOrdered ? 'ol' : 'ul';
      return (
        <List>
          {block.items.map((item, index) => (
            <li key={index}>{partsOf(item)}</li>
          ))}
        </List>
      );
    }
    case 'quote':
      return <blockquote>{partsOf(block.children)}</blockquote>;
    case 'code':
      return (
        <pre>
          <code>{block.text}</code>
        </pre>
      );
    case 'line':
      return <hr />;
  }
};

/** A text with marks, shown by what they mean. HTML in it is text, and links lead to pages only. */
export const Markdown = ({ text }: { readonly text: string }): ReactNode => {
  const blocks = useMemo(() => parseMarkdown(text), [text]);
  return (
    <div className="markdown">
      {blocks.map((block, index) => (
        <Fragment key={index}>
          <BlockView block={block} />
        </Fragment>
      ))}
    </div>
  );
};
