import './page.css';
import { type ReactNode, useEffect } from 'react';

interface PageViewProps {
  /** Heading, and title of the window. */
  readonly title: string;
  /** What stands in the place of the heading's words, if they are not enough. */
  readonly heading?: ReactNode;
  /** A line below the title. */
  readonly description?: ReactNode;
  /** Stands beside the title: connection, freshness. */
  readonly status?: ReactNode;
  /** Stands at the right: range, buttons. */
  readonly actions?: ReactNode;
  /** A row below: tabs, filters. */
  readonly toolbar?: ReactNode;
  readonly isBusy?: boolean;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A page: its head, and what it shows. */
export const Page = (props: PageViewProps): ReactNode => {
  const { title, heading, description, status, actions, toolbar, isBusy, className = '', children } = props;
  useEffect(() => {
    document.title = `${title} · Aevum`;
  }, [title]);
  return (
    <div className={`page ${className}`} aria-busy={isBusy === true ? true : undefined}>
      <header className="page-head">
        <div className="page-title">
          <h1>{heading ?? title}</h1>
          {status}
          {actions === undefined ? null : <div className="page-actions">{actions}</div>}
        </div>
        {description === undefined ? null : <p className="page-description">{description}</p>}
        {toolbar === undefined ? null : <div className="page-toolbar">{toolbar}</div>}
      </header>
      {children}
    </div>
  );
};
