/** A payload of some bytes to some hundred KiB that tells its own number. */
export const numberedPayload = (number: number): Buffer => {
  const bytes = number % 50 === 0 ? 300_000 : (number * 7919) % 5000;
  return Buffer.from(`${number}:`.padEnd(bytes, String.fromCharCode(97 + (number % 26))));
};
