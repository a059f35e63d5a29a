import { type ReactNode, useEffect, useState } from 'react';
import { Button } from './button.tsx';
import { copyText } from './copy-text.ts';

const SHOWN_MS = 1600;

/** Puts a text on the clipboard, and says so. */
export const CopyButton = ({ text, what }: { readonly text: string; readonly what: string }): ReactNode => {
  const [said, setSaid] = useState<'copied' | 'failed'>();
  useEffect(() => {
    if (said === undefined) return;
    const timer = setTimeout(() => setSaid(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const onClick = (): void => {
    void copyText(text).then((done) => setSaid(done ? 'copied' : 'failed'));
  };
  const words = said === undefined ? 'Copy' : said === 'copied' ? 'Copied' : 'Select and copy';
  return (
    <Button
      size="small"
      icon={said === 'copied' ? 'check' : 'copy'}
      onClick={onClick}
      aria-label={`Copy ${what}`}
    >
      <span aria-live="polite">{words}</span>
    </Button>
  );
};
