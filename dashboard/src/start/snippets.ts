/** Ways to send the first event, as tabs. */
export const WAYS = ['curl', 'page', 'js', 'python', 'segment', 'posthog'] as const;
export type Way = (typeof WAYS)[number];

/** What stands on each tab. */
export const WAY_NAMES: Readonly<Record<Way, string>> = {
  curl: 'curl',
  page: 'Web page',
  js: 'JavaScript',
  python: 'Python',
  segment: 'I already use Segment',
  posthog: 'I already use PostHog',
};

/** What the text says where no write key is known. */
export const KEY_STAND_IN = '<your write key>';

/** Where events go, and with which key. */
export interface Destination {
  readonly url: string;
  readonly key: string;
}

const curl = ({ url, key }: Destination): string => `curl ${url}/api/events \\
  -H 'Authorization: Bearer ${key}' \\
  -H 'Content-Type: application/json' \\
  -d '{"type":"page_view","user_id":"ada","context":{"page":"/hello"}}'`;

const page = ({ url, key }: Destination): string => `<script>
  aevum = { q: [['init', [{ url: '${url}', writeKey: '${key}' }]], ['page', []]] };
</script>
<script async src="${url}/sdk/aevum.js"></script>`;

const js = ({ url, key }: Destination): string => `await fetch('${url}/api/events', {
  method: 'POST',
  headers: {
    Authorization: 'Bearer ${key}',
    'Content-Type': 'application/json',
  },
  body: JSON.stringify({
    type: 'page_view',
    user_id: 'ada',
    context: { page: '/hello' },
  }),
});`;

const python = ({ url, key }: Destination): string => `import json, urllib.request

event = {"type": "page_view", "user_id": "ada", "context": {"page": "/hello"}}
request = urllib.request.Request(
    "${url}/api/events",
    data=json.dumps(event).encode(),
    headers={"Authorization": "Bearer ${key}", "Content-Type": "application/json"},
)
print(urllib.request.urlopen(request).read().decode())`;

const segment = ({ url, key }: Destination): string => `// Browser: @segment/analytics-next
const analytics = AnalyticsBrowser.load({ writeKey: '${key}', cdnURL: '${url}' });

// Node: @segment/analytics-node
const analytics = new Analytics({ writeKey: '${key}', host: '${url}' });`;

const posthog = ({ url, key }: Destination): string => `// Browser: posthog-js
posthog.init('${key}', { api_host: '${url}' });

// Node: posthog-node
const posthog = new PostHog('${key}', { host: '${url}' });`;

const TEXTS = { curl, page, js, python, segment, posthog };

/** The text to copy. */
export const snippet = (way: Way, destination: Destination): string => TEXTS[way](destination);
