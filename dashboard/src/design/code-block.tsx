import './code-block.css';
import { type ReactNode, useMemo } from 'react';
import { CopyButton } from './copy-button.tsx';
import { jsonPieces } from './json-pieces.ts';

interface CodeBlockProps {
  /** What it is, for screen readers. */
  readonly label: string;
  readonly text: string;
  readonly isJson?: boolean;
  /** Breaks long lines instead of scrolling. */
  readonly wraps?: boolean;
}

/** Text to copy: a command, a program, JSON. */
export const CodeBlock = ({ label, text, isJson = false, wraps = false }: CodeBlockProps): ReactNode => {
  const pieces = useMemo(() => (isJson ? jsonPieces(text) : undefined), [isJson, text]);
  return (
    <figure className="code" aria-label={label} data-wrap={wraps ? '' : undefined}>
      <pre tabIndex={0} role="group" aria-label={label}>
        <code>
          {pieces === undefined
            ? text
            : pieces.map((piece, index) =>
                piece.kind === 'plain' ? (
                  piece.text
                ) : (
                  <span key={index} className={`json-${piece.kind}`}>
                    {piece.text}
                  </span>
                ),
              )}
        </code>
      </pre>
      <CopyButton text={text} what={label} />
    </figure>
  );
};
