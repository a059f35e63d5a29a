import { createContext, useContext } from 'react';

/** What small surfaces are put into: within a modal dialog they must be inside it, as everything else is out of reach. Undefined: the page. */
export const LayerContext = createContext<HTMLElement | undefined>(undefined);

/** Where small surfaces go. */
export const useLayer = (): HTMLElement | undefined => useContext(LayerContext);
