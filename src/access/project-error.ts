/** A project cannot be made or removed. The message says why, and what to do. */
export class ProjectError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProjectError';
  }
}
