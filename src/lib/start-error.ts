/** The program cannot start, for a reason that its user can remove. The message says which and what to do; it is all that is printed. */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartError';
  }
}
