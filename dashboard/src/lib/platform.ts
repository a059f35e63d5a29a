/** Whether keyboards have a command key. */
export const IS_MAC = /Mac|iPhone|iPad/u.test(navigator.userAgent);

/** The key that shortcuts are pressed with, as keyboards name it. */
export const COMMAND_KEY = IS_MAC ? '⌘' : 'Ctrl';
