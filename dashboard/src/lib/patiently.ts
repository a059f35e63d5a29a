/** So often a part of the program is tried to be loaded before that counts as failed, and so long is waited in between: two minutes. */
const TRIES_MAX = 60;
const PAUSE_MS = 2_000;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Loads a part of the program, again and again while the server is gone. Rejects with why the last try failed. */
export const patiently =
  <T>(load: () => Promise<T>, pause: (ms: number) => Promise<void> = sleep): (() => Promise<T>) =>
  async () => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await load();
      } catch (error) {
        if (tries >= TRIES_MAX) throw error;
        await pause(PAUSE_MS);
      }
    }
  };
