import type { IncomingHttpHeaders } from 'node:http';

/** What clients of other platforms are told about how they are set up: send everything here, and leave off what is not there. */

/** Segment's browser client asks for this before it sends. `origin` is where it reaches us, such as `https://events.example.com`. */
export const segmentSettings = (key: string, origin: string): unknown => {
  const { protocol, host, pathname } = new URL(origin);
  return {
    integrations: {
      'Segment.io': {
        apiKey: key,
        apiHost: `${host}${pathname.replace(/\/$/, '')}/v1`,
        protocol: protocol.slice(0, -1),
      },
    },
    metrics: { sampleRate: 0 },
    legacyVideoPluginsEnabled: false,
    remotePlugins: [],
  };
};

/**
 * PostHog's remote configuration: capturing is on; recordings, flags and the rest, which would ask for more addresses, are off. Surveys are not named: told that they are off, the
 * client loads their script all the same.
 */
export const posthogConfig = (key: string): Record<string, unknown> => ({
  token: key,
  supportedCompression: ['gzip', 'gzip-js'],
  hasFeatureFlags: false,
  autocapture_opt_out: false,
  autocaptureExceptions: false,
  captureDeadClicks: false,
  capturePerformance: false,
  heatmaps: false,
  sessionRecording: false,
  productTours: false,
  conversations: false,
  logs: { captureConsoleLogs: false },
  errorTracking: { autocaptureExceptions: false, suppressionRules: [] },
  elementsChainAsString: true,
  defaultIdentifiedOnly: true,
  isAuthenticated: false,
  siteApps: [],
  siteAppsJS: [],
  toolbarParams: {},
});

/** The same as a script, which is how the client prefers it. */
export const posthogConfigScript = (key: string): string => {
  const name = JSON.stringify(key);
  const config = JSON.stringify({ config: posthogConfig(key), siteApps: [] });
  return `(function(w){(w._POSTHOG_REMOTE_CONFIG=w._POSTHOG_REMOTE_CONFIG||{})[${name}]=${config}})(window);`;
};

/** There are no feature flags. `requestId` names the answer, as the client expects. */
export const posthogFlags = (requestId: string, nowMs: number): unknown => ({
  flags: {},
  featureFlags: {},
  featureFlagPayloads: {},
  errorsWhileComputingFlags: false,
  requestId,
  evaluatedAt: nowMs,
});

/** The answer to the older address, which is configuration and flags in one. Its first version had a list of flags. */
export const posthogDecide = (version: string | null): unknown => ({
  ...posthogConfig(''),
  config: { enable_collect_everything: true },
  featureFlags: Number(version ?? 1) >= 2 ? {} : [],
  featureFlagPayloads: {},
  errorsWhileComputingFlags: false,
});

const CLIENTS = { segment: '@segment/analytics-next', posthog: 'posthog-js' } as const;

/** For pages whose snippet looks for the client here: says on the console what is to be done. */
export const clientScript = (vendor: keyof typeof CLIENTS): string => {
  const name = CLIENTS[vendor];
  const advice = `This server takes the events of ${name}, but does not serve ${name} itself. Bundle it with your page, or serve its script yourself.`;
  return `console.warn(${JSON.stringify(advice)});`;
};

/** Answers to what a program may ask for beside: there is none of it. */
export const POSTHOG_NONE: Readonly<Record<string, unknown>> = {
  '/api/surveys': { surveys: [] },
  '/api/early_access_features': { earlyAccessFeatures: [] },
  '/flags/definitions': { flags: [], group_type_mapping: {}, cohorts: {} },
};

const HOST = /^[\w.:[\]-]{1,255}$/;

/** Where a client reaches us: the configured address, else the one that it asked for. Undefined when it names none. */
export const originOf = (headers: IncomingHttpHeaders, publicUrl: string | undefined): string | undefined => {
  if (publicUrl !== undefined) return publicUrl;
  const { host } = headers;
  if (host === undefined || !HOST.test(host)) return undefined;
  const isSecure = headers['x-forwarded-proto'] === 'https';
  const origin = `${isSecure ? 'https' : 'http'}://${host}`;
  return URL.canParse(origin) ? origin : undefined;
};
