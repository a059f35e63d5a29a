import './table.css';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';

interface MoreButtonProps {
  /** A list that is read page by page. */
  readonly list: { readonly hasMore: boolean; readonly isFetching: boolean; readonly more: () => void };
  /** What comes: `Earlier events`. */
  readonly text: string;
}

/** Goes on with a list, below it; nothing where it ends. */
export const MoreButton = ({ list, text }: MoreButtonProps): ReactNode =>
  list.hasMore ? (
    <Button className="button list-more" disabled={list.isFetching} onClick={list.more}>
      {list.isFetching ? 'Loading' : text}
    </Button>
  ) : null;
