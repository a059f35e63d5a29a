import { readFileSync } from 'node:fs';

const PACKAGE = new URL('../../package.json', import.meta.url);
const ENGINE_PACKAGES = new URL('../../node_modules/@chdb/', import.meta.url);
const ENGINE_WRAPPER = new URL('../../node_modules/chdb/package.json', import.meta.url);

/** What runs here. */
export interface Versions {
  readonly aevum: string;
  readonly node: string;
  /** The embedded engine: the version of ClickHouse and of the package that wraps it; undefined if it is not installed. */
  readonly engine: string | undefined;
}

const versionIn = (url: URL): string | undefined => {
  try {
    const parsed = JSON.parse(readFileSync(url, 'utf8')) as { readonly version?: string };
    return parsed.version;
  } catch {
    return undefined;
  }
};

/** Reads the versions off the installed packages; loads nothing. */
export const readVersions = (): Versions => {
  const library =
    process.platform === 'linux'
      ? `lib-linux-${process.arch}-gnu`
      : `lib-${process.platform}-${process.arch}`;
  const clickhouse = versionIn(new URL(`${library}/package.json`, ENGINE_PACKAGES));
  const wrapper = versionIn(ENGINE_WRAPPER);
  const engine =
    clickhouse === undefined ? undefined : `ClickHouse ${clickhouse} (chdb ${wrapper ?? 'unknown'})`;
  return { aevum: versionIn(PACKAGE) ?? 'unknown', node: process.version, engine };
};
