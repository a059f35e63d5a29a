import './card.css';
import { type ReactNode, type Ref, useId } from 'react';

interface CardProps {
  readonly title: ReactNode;
  /** What stands at the right of the title. */
  readonly aside?: ReactNode;
  readonly className?: string;
  readonly ref?: Ref<HTMLElement>;
  readonly children: ReactNode;
}

/** A titled surface; a region of the page for screen readers. */
export const Card = ({ title, aside, className = '', ref, children }: CardProps): ReactNode => {
  const id = useId();
  return (
    <section ref={ref} className={`card ${className}`} aria-labelledby={id}>
      <header className="card-head">
        <h2 className="card-title" id={id}>
          {title}
        </h2>
        {aside === undefined ? null : <div className="card-aside">{aside}</div>}
      </header>
      <div className="card-body">{children}</div>
    </section>
  );
};
