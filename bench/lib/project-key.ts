/** Keys of projects, made as an operator makes them. */
import { aevum } from '../../test/support/command.ts';

/** Makes a key of a project of a running platform. Throws where none is made. */
export const projectKey = async (
  dataDir: string,
  project: string,
  scope: 'read' | 'ingest',
): Promise<string> => {
  const options = ['--scope', scope, '--project', project, '--name', 'bench', '--data-dir', dataDir];
  const { stdout, stderr } = await aevum(['keys', 'create', ...options]);
  const key = /aev_[a-z]+_\w+/u.exec(stdout)?.[0];
  if (key === undefined) throw new Error(`no key was made:\n${stdout}${stderr}`);
  return key;
};
