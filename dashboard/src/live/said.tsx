import { createContext, type ReactNode, use } from 'react';

/** Why not everything can be counted, where that stands above the page already. */
export const SaidContext = createContext<string | undefined>(undefined);

/** Why something could not be counted, and what comes of it, unless that is said above: not once a card. */
export const Why = ({ text, then = '' }: { readonly text: string; readonly then?: string }): ReactNode =>
  use(SaidContext) === text ? null : `${text}${then}`;

/** The same, where something may have failed. */
export const whyOf = (text: string | undefined): ReactNode | undefined =>
  text === undefined ? undefined : <Why text={text} />;
