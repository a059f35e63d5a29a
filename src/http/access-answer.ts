import { AccessError, type AccessProblem } from '../access/access-error.ts';
import { PasswordsBusyError } from '../access/passwords.ts';
import { TooManyAttemptsError } from '../access/sign-in.ts';
import { ApiError, type ErrorCode } from '../event/errors.ts';

/** Who finds too many before is to come again after so long. */
const BUSY_SECONDS = 5;

const CODES: Readonly<Record<AccessProblem, ErrorCode>> = {
  conflict: 'conflict',
  not_found: 'not_found',
  invalid: 'invalid_request',
  refused: 'missing_scope',
  wrong_password: 'wrong_password',
  unknown_link: 'unknown_link',
  sign_in_first: 'sign_in_first',
};

/** Does something with users, members or organisations; what stands against it is told by its code. */
export const orAccessError = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AccessError) throw new ApiError(CODES[error.problem], error.message);
    if (error instanceof PasswordsBusyError)
      throw new ApiError('too_many_attempts', error.message, { retryAfterSeconds: BUSY_SECONDS });
    if (error instanceof TooManyAttemptsError)
      throw new ApiError(
        'too_many_attempts',
        `Too many attempts to sign in. Try again in ${duration(error.waitSeconds)}.`,
        { retryAfterSeconds: error.waitSeconds },
      );
    throw error;
  }
};

const SECONDS_TOLD_MAX = 90;

const duration = (seconds: number): string =>
  seconds <= SECONDS_TOLD_MAX ? `${seconds} s` : `${Math.ceil(seconds / 60)} minutes`;
