import { createHash, randomBytes } from 'node:crypto';
import { PROJECT_SETTING, SIGNATURE_CHARS } from '../public-tables.ts';

/**
 * How a statement of the lane `sql` is confined to one project, inside the engine and whatever the statement says. The project's id travels in a setting of the session, signed with a secret that is made anew for
 * each run of the engine. A row policy shows only the rows of the project in that setting, and none at all unless the signature is right: so it denies by default, and a statement that managed to change the setting (the engine
 * does not stop a SETTINGS clause in a sub-query) would see nothing instead of another project.
 *
 * The policy stands on the tables, not on the views: the engine filters by it before it computes anything else of a row, so that no expression ever sees a foreign value, not even to fail over it.
 */
export interface Confinement {
  /** The row policy, as SQL. */
  readonly filter: string;
  /** The value of the setting for a project; without one, of a statement that may see no row. */
  tokenOf(project: string | undefined): string;
}

/** The role that a session of users' SQL gives all others up for. */
export const QUESTIONS_ROLE = 'questions';

/** The role of such a session that may see no row at all. */
export const REHEARSAL_ROLE = 'rehearsal';

const SECRET_BYTES = 32;

/** Makes the confinement of one run. */
export const createConfinement = (): Confinement => {
  const secret = randomBytes(SECRET_BYTES).toString('hex');
  // The secret comes last, so that a signature cannot be prolonged into that of another project.
  const signature = (project: string): string =>
    createHash('sha256').update(`${project}${secret}`).digest('hex').toUpperCase();
  const token = `getSetting('${PROJECT_SETTING}')`;
  const given = `substring(${token}, ${SIGNATURE_CHARS + 1})`;
  const signed = `substring(${token}, 1, ${SIGNATURE_CHARS}) = hex(SHA256(concat(${given}, '${secret}')))`;
  return {
    filter: `project = ${given} AND ${given} != '' AND ${signed}`,
    tokenOf: (project) => (project === undefined || project === '' ? '' : `${signature(project)}${project}`),
  };
};
