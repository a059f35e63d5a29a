import './share.css';
import { type ReactNode, useEffect } from 'react';
import type { ApiError } from '../data/api.ts';
import { Button, Notice } from '../design/index.ts';

interface TroubleWords {
  readonly title: string;
  readonly text: string;
}

const troubleOf = ({ status, code, message, retryAfterMs }: ApiError): TroubleWords => {
  if (code === 'unknown_link')
    return {
      title: 'This link shows nothing',
      text: 'It ended, it was revoked, or it is not whole. Ask whoever sent it for another one.',
    };
  if (status === 429)
    return {
      title: 'Too many questions at once',
      text: `This link is being looked at a lot. It goes on by itself${retryAfterMs === undefined ? '' : ` in ${Math.ceil(retryAfterMs / 1000)} s`}.`,
    };
  if (status === 0) return { title: 'The server does not answer', text: 'It is tried again by itself.' };
  return { title: 'This cannot be shown', text: message };
};

/** Nothing can be shown, and why. */
export const ShareTrouble = ({
  error,
  again,
}: {
  readonly error: ApiError;
  readonly again: () => void;
}): ReactNode => {
  const { title, text } = troubleOf(error);
  const isOver = error.code === 'unknown_link';
  useEffect(() => {
    document.title = `${title} · Aevum`;
  }, [title]);
  return (
    <main className="share-alone">
      <img src="/mark.svg" alt="" width={40} height={40} />
      <Notice
        isPage
        kind="error"
        title={title}
        action={isOver ? null : <Button onClick={again}>Try now</Button>}
      >
        {text}
      </Notice>
    </main>
  );
};
