import './listed.css';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { MoreButton } from './more-button.tsx';
import { Banner, Failed, Notice, Skeleton } from './states.tsx';

/** A list that is read page by page. */
interface Pages {
  readonly pages: readonly unknown[];
  readonly isFetching: boolean;
  readonly error: { readonly status: number; readonly message: string } | undefined;
  /** What could not be read is what follows, not the list anew. */
  readonly isMoreError: boolean;
  readonly hasMore: boolean;
  readonly more: () => void;
  readonly again: () => void;
}

interface ListedProps {
  readonly list: Pages;
  /** What to say when it cannot be read: `Users could not be listed`. */
  readonly trouble: string;
  /** What may help then. */
  readonly advice?: string | undefined;
  /** What comes next: `Earlier events`. */
  readonly moreText: string;
  /** How much room it has until it is read, as a CSS length. */
  readonly height?: string;
  /** How many there are, and the like. */
  readonly note?: ReactNode;
  /** The rows of all its pages, or what to say if there are none. */
  readonly children: ReactNode;
}

interface TroubleProps {
  readonly list: Pages;
  readonly title: string;
  readonly children: ReactNode;
}

/** Nothing of it is known, and why. */
const Unread = ({ list, title, children }: TroubleProps): ReactNode =>
  list.error?.status === 403 ? (
    <Notice icon="lock" title="Not for you">
      {children}
    </Notice>
  ) : (
    <Failed title={title} again={list.again}>
      {children}
    </Failed>
  );

/** Stands by what is known of it. */
const Stuck = ({ list, title, children }: TroubleProps): ReactNode => (
  <div className="list-stuck">
    <Banner
      kind="warn"
      actions={
        <Button size="small" disabled={list.isFetching} onClick={list.isMoreError ? list.more : list.again}>
          Try again
        </Button>
      }
    >
      <strong>{title}.</strong> {children}
    </Banner>
  </div>
);

/** Shows what is read of a list and goes on with it. What was read stays when reading it anew fails, or what follows. */
export const Listed = (props: ListedProps): ReactNode => {
  const { list, trouble, advice, moreText, height = '16rem', note, children } = props;
  const { error, isMoreError } = list;
  const why = [error?.message, advice].filter((words) => words !== undefined).join(' ');
  if (list.pages.length === 0)
    return error === undefined ? (
      <Skeleton height={height} />
    ) : (
      <Unread list={list} title={trouble}>
        {why}
      </Unread>
    );
  const stuck =
    error === undefined ? null : (
      <Stuck list={list} title={isMoreError ? 'What follows could not be read' : `${trouble} anew`}>
        {why}
      </Stuck>
    );
  return (
    <>
      {isMoreError ? null : stuck}
      {children}
      {isMoreError ? stuck : null}
      <MoreButton list={{ ...list, hasMore: list.hasMore && !isMoreError }} text={moreText} note={note} />
    </>
  );
};
