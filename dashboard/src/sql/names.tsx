import type { ReactNode } from 'react';
import { Failed, Skeleton } from '../design/index.ts';
import { SchemaBrowser } from './schema-browser.tsx';
import type { Workbench } from './use-workbench.ts';

/** What statements may name, once it is known. */
export const Names = ({
  bench,
  onPut,
}: {
  readonly bench: Workbench;
  readonly onPut: (text: string) => void;
}): ReactNode => {
  const { schema, schemaError, readSchema, properties } = bench;
  if (schema !== undefined) return <SchemaBrowser {...{ schema, properties, onPut }} />;
  if (schemaError === undefined) return <Skeleton height="12rem" />;
  return (
    <Failed title="The names could not be read" again={readSchema}>
      {schemaError.message}
    </Failed>
  );
};
