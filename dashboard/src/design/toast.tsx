import './toast.css';
import type { ReactNode } from 'react';
import { createStore } from '../lib/store.ts';
import { useStore } from '../lib/use-store.ts';

const SHOWN_MS = 5000;
/** Older ones make room. */
const TOASTS_MAX = 3;

interface Toast {
  readonly key: number;
  readonly text: string;
}

const toasts = createStore<readonly Toast[]>([]);
let lastKey = 0;

/** Says something in passing: what was done, or why it was not. */
export const toast = (text: string): void => {
  const key = (lastKey += 1);
  toasts.update((now) => [...now, { key, text }].slice(-TOASTS_MAX));
  setTimeout(() => toasts.update((now) => now.filter((each) => each.key !== key)), SHOWN_MS);
};

/** Where toasts appear. Once a page. */
export const Toasts = (): ReactNode => (
  <div className="toasts" role="status" aria-live="polite">
    {useStore(toasts).map(({ key, text }) => (
      <div className="toast" key={key}>
        {text}
      </div>
    ))}
  </div>
);
