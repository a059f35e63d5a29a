/** What stands against something that is done with users, members and organisations. */
export type AccessProblem =
  /** It contradicts what is there. */
  | 'conflict'
  /** It is not there, or is nobody's business who asks. */
  | 'not_found'
  /** Not as it was given. */
  | 'invalid'
  /** Whoever asks may not. */
  | 'refused'
  /** E-mail and password do not fit. */
  | 'wrong_password'
  /** The link is used, too old, or was never made. */
  | 'unknown_link'
  /** There is an account: its owner must be signed in. */
  | 'sign_in_first';

/** Something with users, members or organisations cannot be done. The message says why, and what to do. */
export class AccessError extends Error {
  readonly problem: AccessProblem;
  constructor(problem: AccessProblem, message: string) {
    super(message);
    this.name = 'AccessError';
    this.problem = problem;
  }
}
