/** Segment's calls and the types that their events get. A track call's event has its own. */
export const TYPES = {
  identify: 'identify',
  page: 'page_view',
  screen: 'screen_view',
  group: 'group',
  alias: 'alias',
} as const;
export type SegmentCall = keyof typeof TYPES;

/** Whether a name is that of a call with a fixed type. */
export const isSegmentCall = (name: string): name is SegmentCall => Object.hasOwn(TYPES, name);

const SOURCES: readonly (readonly [RegExp, string])[] = [
  [/^analytics\.js\b|^RudderLabs JavaScript SDK$/, 'web'],
  [/\breact-native\b/, 'react-native'],
  [/\b(?:ios|swift|apple)\b/i, 'ios'],
  [/\b(?:android|kotlin)\b/i, 'android'],
  [/^@segment\/analytics-node$|^analytics-(?:node|python|ruby|java|go|php|dotnet|rust)\b/, 'server'],
];
const CHANNELS: ReadonlyMap<string | undefined, string> = new Map([
  ['browser', 'web'],
  ['server', 'server'],
  ['mobile', 'mobile'],
]);

/** Where an event comes from, as JSON text: by the library that sent it, else by the channel that it names, else the library itself. */
export const sourceOf = (library: string | undefined, channel: string | undefined): string | undefined => {
  const known = SOURCES.find(([pattern]) => pattern.test(library ?? ''))?.[1];
  const source = known ?? CHANNELS.get(channel) ?? library;
  return source === undefined || source === '' ? undefined : JSON.stringify(source);
};
