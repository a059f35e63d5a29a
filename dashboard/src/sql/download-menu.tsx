import type { ReactNode } from 'react';
import type { SqlFormat } from '../../../src/contract/sql.ts';
import { runSqlToFile, type SqlQuestion } from '../data/sql.ts';
import { Icon, Menu, toast } from '../design/index.ts';
import { fullCount } from '../lib/format.ts';
import { saveFile } from '../lib/save-file.ts';

type FileFormat = Exclude<SqlFormat, 'json'>;

const FILES: readonly { readonly format: FileFormat; readonly text: string }[] = [
  { format: 'csv', text: 'CSV' },
  { format: 'ndjson', text: 'NDJSON' },
  { format: 'parquet', text: 'Parquet' },
  { format: 'arrow', text: 'Arrow' },
];

const fileName = (project: string, format: string): string =>
  `${project}-${new Date().toISOString().slice(0, 19).replaceAll(/[T:]/g, '-')}.${format}`;

interface DownloadMenuProps {
  readonly project: string;
  readonly question: SqlQuestion;
  readonly rowsMax: number;
  readonly timeoutMs: number;
}

/** Runs the statement of the answer again, into a file, with as many rows as there may be. */
export const DownloadMenu = ({ project, question, rowsMax, timeoutMs }: DownloadMenuProps): ReactNode => {
  const download = async (format: FileFormat): Promise<void> => {
    toast('The statement runs again, for the file.');
    try {
      const asked = { ...question, limit: rowsMax, format };
      const { file, isTruncated } = await runSqlToFile(project, asked, timeoutMs);
      saveFile(file, fileName(project, format));
      if (isTruncated) toast(`The file holds the first ${fullCount(rowsMax)} rows. There are more.`);
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <Menu
      label="Download"
      align="end"
      entries={[
        { kind: 'label', text: `Up to ${fullCount(rowsMax)} rows` },
        ...FILES.map(({ format, text }) => ({
          kind: 'action' as const,
          text,
          onChoose: () => void download(format),
        })),
      ]}
    >
      <Icon name="download" size={14} />
      Download
    </Menu>
  );
};
