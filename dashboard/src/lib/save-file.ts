/** Long enough for the browser to have begun. */
const FORGET_AFTER_MS = 60_000;

/** Gives a file to the browser to keep. */
export const saveFile = (file: Blob, name: string): void => {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), FORGET_AFTER_MS);
};
