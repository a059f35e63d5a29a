import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, realpath, rm, stat, unlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { writeFileAtomic } from './atomic-file.ts';
import { errorCode } from './file-port.ts';

/** Files that belong to projects: below a folder of the operator's, a folder a project, and in that one further ones. */

const FOLDER_MODE = 0o750;
const TEMPORARY = /\.tmp$/u;

/** Where files of a project are. */
export interface FilePlace {
  /** Id of the project. */
  readonly project: string;
  /** Below that of the project. */
  readonly folder: string;
}

/** Something is in the way that trying again does not move. */
export class ProjectFileError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProjectFileError';
  }
}

/** A folder of files that belong to projects. Every method rejects with Node's error where the disk does not do as it should. */
export class ProjectFiles {
  readonly #root: string;
  readonly #fileMode: number;
  /** Projects that are removed: ids are never used twice. */
  readonly #removed = new Set<string>();
  readonly #writing = new Map<Promise<unknown>, string>();

  /** `fileMode`: who may do what with a file that is written. */
  constructor(root: string, fileMode: number) {
    this.#root = root;
    this.#fileMode = fileMode;
  }

  /** Writes a file as a whole and durably, in place of one of its name: there is the old or the new one, never half of it. Rejects with ProjectFileError for a folder that a link leads out of. */
  async write(place: FilePlace, name: string, body: string | Uint8Array): Promise<number> {
    if (this.#removed.has(place.project)) throw new ProjectFileError('The project is removed.');
    const writing = this.#write(place, name, body);
    this.#writing.set(writing, place.project);
    try {
      return await writing;
    } finally {
      this.#writing.delete(writing);
    }
  }

  async #write(place: FilePlace, name: string, body: string | Uint8Array): Promise<number> {
    const dir = this.#dirOf(place);
    await mkdir(dir, { recursive: true, mode: FOLDER_MODE });
    await this.#checkInside(dir);
    const path = join(dir, name);
    try {
      await writeFileAtomic(path, body, this.#fileMode);
    } catch (error) {
      await rm(`${path}.tmp`, { force: true }).catch(() => undefined);
      throw error;
    }
    return typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  }

  /** Whether there is something of this name. */
  async has(place: FilePlace, name: string): Promise<boolean> {
    try {
      await stat(join(this.#dirOf(place), name));
      return true;
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return false;
      throw error;
    }
  }

  /** Opens a file to be read; undefined if it is not there. */
  async open(place: FilePlace, name: string): Promise<FileHandle | undefined> {
    try {
      return await open(join(this.#dirOf(place), name), constants.O_RDONLY | constants.O_NOFOLLOW);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Deletes a file; one that is not there is deleted. */
  async remove(place: FilePlace, name: string): Promise<void> {
    try {
      await unlink(join(this.#dirOf(place), name));
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
  }

  /** Deletes what writing left unfinished when the program was ended. */
  async tidy(place: FilePlace): Promise<void> {
    const names = await readdir(this.#dirOf(place)).catch((error: unknown): string[] => {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    });
    for (const name of names.filter((each) => TEMPORARY.test(each))) await this.remove(place, name);
  }

  /** Deletes all files of a project, which writes none from then on. */
  async removeProject(project: string): Promise<void> {
    this.#removed.add(project);
    const writing = [...this.#writing].filter(([, of]) => of === project);
    await Promise.allSettled(writing.map(([each]) => each));
    await rm(join(this.#root, project), { recursive: true, force: true });
  }

  #dirOf({ project, folder }: FilePlace): string {
    return join(this.#root, project, folder);
  }

  async #checkInside(dir: string): Promise<void> {
    const inside = relative(await realpath(this.#root), await realpath(dir));
    if (!inside.startsWith('..') && inside !== '') return;
    throw new ProjectFileError(
      `${dir} leads out of ${this.#root}: a link stands in the way. Remove it, or choose another folder.`,
    );
  }
}
