import { type ReactNode, useEffect, useState } from 'react';
import { Button } from './button.tsx';

const SHOWN_MS = 1600;

/** Copies where the clipboard is not offered, as on a page without TLS that is not on this machine. */
const copyBySelection = (text: string): boolean => {
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'unseen';
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
};

const copy = async (text: string): Promise<boolean> => {
  if (navigator.clipboard === undefined) return copyBySelection(text);
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
};

/** Puts a text on the clipboard, and says so. */
export const CopyButton = ({ text, what }: { readonly text: string; readonly what: string }): ReactNode => {
  const [said, setSaid] = useState<'copied' | 'failed'>();
  useEffect(() => {
    if (said === undefined) return;
    const timer = setTimeout(() => setSaid(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const onClick = (): void => {
    void copy(text).then((done) => setSaid(done ? 'copied' : 'failed'));
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
