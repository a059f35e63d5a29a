/** What is taken for a conversion, for a payment and for the steps of the funnel, as long as nobody chose. */

const same = (a: string, b: string): boolean => a.replaceAll(/[\s_-]/g, '').toLowerCase() === b;

/** The first of the names that is among the types, however it is written: `order_completed`, `Order Completed`. */
const firstOf = (names: readonly string[], types: readonly string[]): string | undefined => {
  for (const name of names) {
    const found = types.find((type) => same(type, name));
    if (found !== undefined) return found;
  }
  return undefined;
};

/** Types of events that bring money, as they are called most. Letters only: see `same`. */
const PAYMENTS = [
  'purchase',
  'ordercompleted',
  'orderplaced',
  'checkoutcompleted',
  'paymentsucceeded',
  'invoicepaid',
  'payment',
  'order',
];

/** Types of events that are a success without money. */
const SUCCESSES = [
  'subscribe',
  'subscribed',
  'subscriptionstarted',
  'signup',
  'signedup',
  'register',
  'registered',
  'lead',
  'trialstarted',
];

/** Steps on the way there, from the first to the last. */
const WAY = [
  ['pageview', 'screenview', 'pageviewed', '$pageview', 'page', 'screen'],
  ['viewitem', 'productviewed', 'productview'],
  ['addtocart', 'productadded', 'cartadd'],
  ['checkout', 'begincheckout', 'checkoutstarted', 'startcheckout'],
];

/** The type of events that is most likely a payment; undefined if none is. */
export const likelyPayment = (types: readonly string[]): string | undefined => firstOf(PAYMENTS, types);

/** The type of events that is most likely what a visit is for. */
export const likelyGoal = (types: readonly string[]): string | undefined =>
  firstOf([...PAYMENTS, ...SUCCESSES], types);

const STEPS_USUAL_MAX = 3;

/** The most likely steps to that; else the most frequent types. Fewer than two: no funnel. `types` come most frequent first. */
export const likelySteps = (types: readonly string[]): readonly string[] => {
  const way = WAY.flatMap((names) => firstOf(names, types) ?? []);
  const goal = likelyGoal(types);
  const steps = [...new Set(goal === undefined ? way : [...way, goal])];
  return steps.length >= 2 ? steps : types.slice(0, STEPS_USUAL_MAX);
};

/** What somebody chose. */
export interface Choices {
  readonly goal?: string;
  readonly payment?: string;
  readonly steps?: readonly string[];
  readonly actor?: 'user' | 'session';
}

const KEY = 'aevum-live';
/** Steps that the funnel may have. */
export const STEPS_MAX = 6;

const keyOf = (project: string): string => `${KEY}:${project}`;

const text = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** Choices as they were kept; what is none of them is left out. */
export const readChoices = (kept: string | null): Choices => {
  try {
    const { goal, payment, steps, actor } = JSON.parse(kept ?? '{}') as Record<string, unknown>;
    return {
      ...(text(goal) ? { goal } : {}),
      ...(text(payment) ? { payment } : {}),
      ...(Array.isArray(steps) && steps.length >= 2 && steps.every(text)
        ? { steps: steps.slice(0, STEPS_MAX) }
        : {}),
      ...(actor === 'user' || actor === 'session' ? { actor } : {}),
    };
  } catch {
    return {};
  }
};

/** What was chosen for a project in this browser. */
export const keptChoices = (project: string): Choices => {
  try {
    return readChoices(localStorage.getItem(keyOf(project)));
  } catch {
    // Storage may be forbidden; choices then last as long as the page.
    return {};
  }
};

/** Keeps them for later visits. */
export const keepChoices = (project: string, choices: Choices): void => {
  try {
    localStorage.setItem(keyOf(project), JSON.stringify(choices));
  } catch {
    // See `keptChoices`.
  }
};
