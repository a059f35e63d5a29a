/**
 * Sends values one at a time: those that come while one is under way wait as one, joined two by two, so that a slow receiver gets fewer and none are piled up. `send` calls `sent` when a value has gone, which may be at once.
 * @example const tell = coalesce<number>((latest, sent) => child.send(latest, sent), (_earlier, later) => later);
 */
export const coalesce = <T>(
  send: (value: T, sent: () => void) => void,
  join: (earlier: T, later: T) => T,
): ((value: T) => void) => {
  let waiting: { readonly value: T } | undefined;
  let isSending = false;
  const flush = (): void => {
    while (!isSending && waiting !== undefined) {
      const { value } = waiting;
      waiting = undefined;
      isSending = true;
      send(value, () => {
        isSending = false;
        flush();
      });
    }
  };
  return function take(value) {
    waiting = { value: waiting === undefined ? value : join(waiting.value, value) };
    flush();
  };
};
