import { ProjectError } from '../access/project-error.ts';
import { ApiError } from '../event/errors.ts';

/** Does something with projects; what stands against it is told as a conflict. */
export const orConflict = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ProjectError) throw new ApiError('conflict', error.message);
    throw error;
  }
};
