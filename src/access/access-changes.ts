/**
 * Tells those who keep somebody let in for long (live connections) that who may do what has changed, so that they look again at once. Changes by other processes are told within about a second.
 */
export class AccessChanges {
  readonly #listeners = new Set<() => void>();

  /** Calls after every change. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Something has changed. */
  tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
