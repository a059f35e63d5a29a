import './more-button.css';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';

interface MoreButtonProps {
  /** A list that is read page by page. */
  readonly list: { readonly hasMore: boolean; readonly isFetching: boolean; readonly more: () => void };
  /** What comes: `Earlier events`. */
  readonly text: string;
  /** How many there are so far, and the like. */
  readonly note?: ReactNode;
}

/** Goes on with a list, below it; nothing where it ends, unless something is to be said. */
export const MoreButton = ({ list, text, note }: MoreButtonProps): ReactNode =>
  list.hasMore || note !== undefined ? (
    <div className="list-foot">
      {note === undefined ? null : <span className="quiet number">{note}</span>}
      {list.hasMore ? (
        <Button disabled={list.isFetching} onClick={list.more}>
          {list.isFetching ? 'Loading' : text}
        </Button>
      ) : null}
    </div>
  ) : null;
