/** The hosts of the site itself: kept in this browser for each project, and in the address, so that a link shows others the same. */

const KEY = 'aevum-own-hosts';
const HOSTS_MAX = 100;
const HOST = /^[\p{L}\p{N}.:[\]-]{1,253}$/u;

/** Hosts as somebody wrote them, one a line or parted by commas: addresses and `www.` are understood. */
export const hostsOf = (text: string): string[] => {
  const hosts = text
    .split(/[\s,]+/)
    .map((each) =>
      each
        .replace(/^[a-z]+:\/\//i, '')
        .replace(/[/?#].*$/s, '')
        .replace(/:\d+$/, '')
        .replace(/^www\./i, '')
        .toLowerCase(),
    )
    .filter((each) => HOST.test(each));
  return [...new Set(hosts)].slice(0, HOSTS_MAX);
};

const keyOf = (project: string): string => `${KEY}:${project}`;

/** The hosts that an address names; else those kept for the project. */
export const ownHosts = (search: string, project: string): string[] => {
  const named = new URLSearchParams(search).get('hosts');
  if (named !== null) return hostsOf(named);
  try {
    return hostsOf(localStorage.getItem(keyOf(project)) ?? '');
  } catch {
    // Storage may be forbidden; hosts then last as long as the address.
    return [];
  }
};

/** Keeps them for later visits. */
export const keepHosts = (project: string, hosts: readonly string[]): void => {
  try {
    localStorage.setItem(keyOf(project), hosts.join(','));
  } catch {
    // See `ownHosts`.
  }
};
