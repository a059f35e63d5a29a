import type { CatalogType } from '../../../src/contract/event-catalog.ts';

/** The types in whose name, description or owner a text occurs, whatever its case. */
export const typesWith = (types: readonly CatalogType[], search: string): readonly CatalogType[] => {
  const wanted = search.trim().toLowerCase();
  if (wanted === '') return types;
  return types.filter(({ type, description, owner }) =>
    [type, description, owner].some((text) => text.toLowerCase().includes(wanted)),
  );
};

/** Who answers for types, each once, in order. */
export const ownersOf = (types: readonly CatalogType[]): readonly string[] =>
  [...new Set(types.map(({ owner }) => owner))].filter((owner) => owner !== '').sort();
