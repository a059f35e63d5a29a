import { createStore } from './store.ts';

/** What can be chosen: `system` follows the device. */
export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'aevum-theme';

const isTheme = (text: string | null): text is Theme => THEMES.some((theme) => theme === text);

const stored = (): Theme => {
  try {
    const text = localStorage.getItem(KEY);
    return isTheme(text) ? text : 'system';
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
    return 'system';
  }
};

const show = (theme: Theme): void => {
  const { dataset } = document.documentElement;
  if (theme === 'system') delete dataset['theme'];
  else dataset['theme'] = theme;
};

/** The chosen theme. */
export const themeStore = createStore<Theme>('system');

/** Takes up the choice of an earlier visit. */
export const startTheme = (): void => {
  themeStore.set(stored());
  show(themeStore.get());
};

/** Changes the theme, for later visits too. */
export const chooseTheme = (theme: Theme): void => {
  themeStore.set(theme);
  show(theme);
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // See `stored`.
  }
};
