/** Formats whose answers may be sent in pieces: the engine renders every piece as a document of its own, and these concatenate. */
const STREAMABLE = new Set(
  [
    'JSONEachRow',
    'JSONCompactEachRow',
    'JSONStringsEachRow',
    'NDJSON',
    'JSONLines',
    'Native',
    'RowBinary',
    'TSV',
    'TabSeparated',
    'TSVRaw',
    'TabSeparatedRaw',
    'CSV',
    'LineAsString',
    'RawBLOB',
  ].map((name) => name.toLowerCase()),
);

/** True if the pieces of a streamed answer in this format are together the same as a whole one. */
export const isStreamable = (format: string): boolean => STREAMABLE.has(format.toLowerCase());

/** Media type with which ClickHouse sends a format. */
export const mediaType = (format: string): string => {
  const name = format.toLowerCase();
  if (name.includes('eachrow') || name === 'ndjson' || name === 'jsonlines')
    return 'application/x-ndjson; charset=UTF-8';
  if (name.startsWith('json')) return 'application/json; charset=UTF-8';
  if (name.startsWith('csv')) return 'text/csv; charset=UTF-8';
  if (name.startsWith('tsv') || name.startsWith('tabseparated'))
    return 'text/tab-separated-values; charset=UTF-8';
  const binary = ['native', 'rowbinary', 'parquet', 'arrow', 'arrowstream', 'orc', 'avro'].includes(name);
  return binary ? 'application/octet-stream' : 'text/plain; charset=UTF-8';
};
