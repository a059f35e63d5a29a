import { existsSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import type { AuditHead } from '../access/audit.ts';
import { type AuditVerdict, verifyAudit } from '../access/audit-verify.ts';
import { openCatalogToRead } from '../catalog/catalog.ts';
import { dataLayout } from '../config/data-layout.ts';
import { addConfigFlags, configOf } from './config-flags.ts';
import { CliError, EXIT_FAILED } from './failure.ts';
import { paletteFor } from './palette.ts';

const EXAMPLES = `
Examples:
  aevum verify                        is the audit log as it was written?
  aevum verify --head                 print its head, to be remembered somewhere else
  aevum verify --expect 4711:9f2c...  is it, and does it still hold that head?

Each entry holds the hash of the one before, so what was changed, removed or inserted is found. Whoever may write the
data folder could write the whole log anew from some entry on: only a head that was remembered elsewhere shows that.
Reads; changes nothing. May run beside a server. Exit code: 0 if the log is intact, 1 if not.`;

const HEAD = /^(\d{1,15}):([0-9a-f]{64})$/;

interface VerifyFlags {
  readonly head?: true;
  readonly expect?: AuditHead;
  readonly json?: true;
}

/** Adds `aevum verify`. */
export const registerVerify = (program: Command): void => {
  const command = program.command('verify').description('check that the audit log is as it was written');
  addConfigFlags(command, ['dataDir'])
    .option('--head', 'print only the head of the log, if it is intact')
    .option('--expect <head>', 'a head printed earlier: the log must still hold it', headOf)
    .option('--json', 'print JSON, for programs')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: VerifyFlags) => {
      const { dataDir } = configOf(command);
      const verdict = await verdictOf(dataDir, flags.expect);
      process.stdout.write(flags.json === true ? jsonOf(verdict) : wordsOf(verdict, flags));
      if (verdict.fault !== null) process.exitCode = EXIT_FAILED;
    });
};

const headOf = (text: string): AuditHead => {
  const [, sequence, hash = ''] = HEAD.exec(text) ?? [];
  if (sequence === undefined)
    throw new InvalidArgumentError('A head is a number, a colon and 64 digits, as --head prints it.');
  return { sequence: Number(sequence), hash };
};

const verdictOf = async (dataDir: string, remembered: AuditHead | undefined): Promise<AuditVerdict> => {
  const layout = dataLayout(dataDir);
  if (!existsSync(layout.catalog))
    throw new CliError(
      `${dataDir} holds no catalog yet. Start the server on it once, or name another folder: --data-dir <folder>`,
    );
  const catalog = openCatalogToRead(layout.catalog);
  try {
    return await verifyAudit({ catalog, dir: layout.audit, remembered });
  } catch (error) {
    if (error instanceof Error && /no such table: audit/.test(error.message))
      throw new CliError(
        `the catalog of ${dataDir} has no audit log. If no server ran on it yet, start one once; if one did, the log was removed.`,
      );
    throw cannotRead(layout.catalog, error);
  } finally {
    await catalog.close();
  }
};

const cannotRead = (path: string, error: unknown): unknown =>
  error instanceof Error && 'errcode' in error
    ? new CliError(`${path} cannot be read: ${error.message}. Restore it from a backup.`)
    : error;

const textOf = ({ sequence, hash }: AuditHead): string => `${sequence}:${hash}`;

const jsonOf = ({ entries, first, head, fault }: AuditVerdict): string =>
  `${JSON.stringify({ intact: fault === null, entries, first, head: textOf(head), fault }, null, 2)}\n`;

const wordsOf = (verdict: AuditVerdict, flags: VerifyFlags): string => {
  const { bold, dim } = paletteFor(process.stdout);
  const { entries, first, head, fault } = verdict;
  if (fault !== null)
    return `${bold('Not intact.')} ${fault.message}\nThe ${numberOf(entries)} before fit. Compare with a backup of the data folder.\n`;
  if (flags.head === true) return `${textOf(head)}\n`;
  const since =
    first === null || first === 1
      ? ''
      : ` Those before entry ${first} were deleted to keep the log small, which it says.`;
  return `${bold('Intact')}: ${numberOf(entries)}.${since}\n${dim('Head:')} ${textOf(head)}\n`;
};

const numberOf = (entries: number): string =>
  entries === 1 ? '1 entry' : `${entries.toLocaleString('en')} entries`;
