import type { ComponentProps, MouseEvent, ReactNode } from 'react';
import { addressStore, goTo, hrefOf } from '../lib/address.ts';
import { useStore } from '../lib/use-store.ts';

interface LinkProps extends Omit<ComponentProps<'a'>, 'href'> {
  /** Path of a page. */
  readonly to: string;
  readonly params?: Readonly<Record<string, string | undefined>>;
}

/** Whether a press is to open the page here, not in another tab or window. */
const isPlain = (event: MouseEvent): boolean =>
  event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;

/** Leads to another page of the program, of the same project, without loading it again. */
export const Link = ({ to, params, onClick, children, ...rest }: LinkProps): ReactNode => {
  useStore(addressStore);
  return (
    <a
      {...rest}
      href={hrefOf(to, params)}
      onClick={(event) => {
        onClick?.(event);
        if (event.defaultPrevented || !isPlain(event)) return;
        event.preventDefault();
        goTo(to, params);
      }}
    >
      {children}
    </a>
  );
};
