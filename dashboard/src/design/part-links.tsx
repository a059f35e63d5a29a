import './tabs.css';
import { type ReactNode, useLayoutEffect, useRef } from 'react';
import { Link } from './link.tsx';

interface PartLinksProps {
  /** What they are parts of, for screen readers. */
  readonly label: string;
  /** Parts of a page, each with an address of its own. */
  readonly parts: readonly { readonly to: string; readonly text: string }[];
  /** The address of the part that is shown. */
  readonly now: string;
}

/** Leads from part to part of a page. They look like tabs, and are links: each part can be sent and gone back to. */
export const PartLinks = ({ label, parts, now }: PartLinksProps): ReactNode => {
  const row = useRef<HTMLElement>(null);
  const at = parts.findIndex(({ to }) => to === now);
  // Where they do not all fit, the one that is shown is in sight.
  useLayoutEffect(() => {
    const link = row.current?.children[at];
    if (row.current === null || !(link instanceof HTMLElement)) return;
    row.current.scrollLeft =
      link.offsetLeft - row.current.offsetLeft - (row.current.clientWidth - link.offsetWidth) / 2;
  }, [at]);
  return (
    <nav ref={row} className="tabs" aria-label={label}>
      {parts.map(({ to, text }) => (
        <Link key={to} className="tab" to={to} aria-current={to === now ? 'page' : undefined}>
          {text}
        </Link>
      ))}
    </nav>
  );
};
