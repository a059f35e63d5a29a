import { type RefObject, useLayoutEffect, useState } from 'react';
import { type Size, watchSize } from './watch-size.ts';

export type { Size } from './watch-size.ts';

/** The size of an element, kept up to date; undefined until it is measured. */
export const useSize = (element: RefObject<HTMLElement | null>): Size | undefined => {
  const [size, setSize] = useState<Size>();
  useLayoutEffect(() => {
    const measured = element.current;
    if (measured === null) return;
    const put = ({ width, height }: Size): void =>
      setSize((now) => (now?.width === width && now.height === height ? now : { width, height }));
    put({ width: measured.clientWidth, height: measured.clientHeight });
    return watchSize(measured, put);
  }, [element]);
  return size;
};
