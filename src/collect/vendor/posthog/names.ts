/** The types that PostHog's own events get; all others keep their name. Shown in `docs/drop-in.md`. */
export const TYPES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    $pageview: 'page_view',
    $pageleave: 'page_leave',
    $screen: 'screen_view',
    $autocapture: 'autocapture',
    $rageclick: 'rage_click',
    $dead_click: 'dead_click',
    $web_vitals: 'web_vitals',
    $exception: 'exception',
    $identify: 'identify',
    $set: 'identify',
    $create_alias: 'alias',
    $merge_dangerously: 'alias',
    $groupidentify: 'group',
  }),
);

/** The type of the events of a name. */
export const typeOf = (name: string): string => TYPES.get(name) ?? name;

const SOURCES: readonly (readonly [RegExp, string])[] = [
  [/^(?:web|js)$/, 'web'],
  [/^posthog-react-native$/, 'react-native'],
  [/^posthog-ios$/, 'ios'],
  [/^posthog-android$/, 'android'],
  [/^posthog-(?:node|python|ruby|java|go|php|dotnet|rs|edge|server)$/, 'server'],
];

/** Where an event comes from, by the library that sent it. */
export const sourceOf = (library: string): string =>
  SOURCES.find(([pattern]) => pattern.test(library))?.[1] ?? library;
