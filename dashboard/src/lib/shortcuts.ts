import { useEffect, useEffectEvent } from 'react';

/** What a key does. */
export interface Shortcut {
  /** As in `KeyboardEvent.key`. */
  readonly keys: readonly string[];
  /** Answers false to leave the key to the browser. */
  readonly run: () => boolean | void;
}

const TYPING = 'input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]';
/** A dialog that wants to be dealt with first. */
const ASKING = 'dialog.dialog[open]';
const OPERATED_BY_KEYS = 'button, a, input, select, [role=tab], [role^=menuitem]';

/** Whether a key pressed there is meant for that element, not for the page. */
const isMeantFor = (target: EventTarget | null, key: string): boolean => {
  if (!(target instanceof Element)) return false;
  if (target.closest(TYPING) !== null) return key !== 'Escape';
  return (key === 'Enter' || key === ' ') && target.closest(OPERATED_BY_KEYS) !== null;
};

/** Runs shortcuts while the component is shown, wherever the focus is but in a text field. */
export const useShortcuts = (shortcuts: readonly Shortcut[]): void => {
  const onKey = useEffectEvent((event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    // The first of the path: within a shadow root it is not the target that is told outside.
    if (isMeantFor(event.composedPath()[0] ?? null, event.key) || document.querySelector(ASKING) !== null)
      return;
    const shortcut = shortcuts.find(({ keys }) => keys.includes(event.key));
    if (shortcut !== undefined && shortcut.run() !== false) event.preventDefault();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => onKey(event);
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, []);
};
