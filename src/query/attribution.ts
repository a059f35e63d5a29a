import {
  ATTRIBUTION_LIMITS,
  type AttributionAnswer,
  type AttributionChannel,
  type AttributionCredit,
  type AttributionModel,
  type AttributionRequest,
} from '../contract/attribution.ts';
import { compareText } from '../lib/compare-text.ts';
import {
  type ParsedAttribution,
  attributionPlan,
  CREDIT_MODELS,
  parseAttribution,
} from './attribution-plan.ts';
import { type ChainEnds, removalEffects } from './attribution-markov.ts';
import { groupValue } from './groups.ts';
import { explanationOf, type Insight } from './insight.ts';
import { invalidAt } from '../http/request-problem.ts';
import { attributionTable } from './attribution-table.ts';

/** Which channels brought the conversions. */
export const attributionInsight: Insight<AttributionRequest, AttributionAnswer> = {
  table: attributionTable,
  async answer(request, inquiry) {
    const parsed = parseAttribution(request);
    const range = await inquiry.range(request.range, parsed.timeZone);
    inquiry.usesProperties(parsed.keys);
    const plan = attributionPlan(parsed, range, inquiry.project, inquiry.context(parsed.timeZone));
    const [credits, transitions] = await Promise.all([
      inquiry.read<CreditRow>(plan.credits),
      plan.transitions === undefined ? [] : inquiry.read<TransitionRow>(plan.transitions),
    ]);
    checkBound(credits, parsed);
    return {
      kind: 'attribution',
      source: 'events',
      ...inquiry.frame(
        range,
        parsed.timeZone,
        request.explain ? explanationOf(plan.credits, 'Paths of single actors are in no rollup.') : undefined,
      ),
      ...answerOf(parsed, credits, transitions),
    };
  },
};

/** What a row of the credits stands for: conversions without a touch, or a named channel. Anything else: all other channels. */
const UNATTRIBUTED = 0;
const NAMED = 1;

/** One row a channel and currency of the conversions (for the touches: of none). */
interface CreditRow {
  readonly what: number | string;
  readonly ch: string;
  readonly cur: string;
  readonly touches: number | string;
  readonly conversions: number | string;
  readonly money: number | string;
  /** One a model of CREDIT_MODELS. */
  readonly credit: readonly (number | string)[];
  readonly credit_money: readonly (number | string)[];
  /** 1: an actor is over the limits, and its conversions are left out. */
  readonly busy: number | string;
}

interface TransitionRow {
  readonly src: string;
  readonly dst: string;
  readonly n: number | string;
}

const checkBound = (rows: readonly CreditRow[], { request }: ParsedAttribution): void => {
  if (rows.every(({ busy }) => Number(busy) === 0)) return;
  const { eventsMax, pairsMax } = ATTRIBUTION_LIMITS;
  throw invalidAt(
    'touches',
    `One ${request.actor} has more than ${eventsMax.toLocaleString('en')} touches or conversions in the range and the look-back before it, or more than ${pairsMax.toLocaleString('en')} pairs of the two: that is a program. Leave it out by "filter", choose fewer "touches", or take a shorter range.`,
  );
};

type Money = Map<string, number>;

/** Decimals that credits are told with: shares of many paths are summed as floating-point numbers, whose last digits mean nothing. */
const DECIMALS = 6;

const rounded = (value: number): number => Number(value.toFixed(DECIMALS));

const addMoney = (money: Money, currency: string, value: number): void => {
  if (value !== 0) money.set(currency, (money.get(currency) ?? 0) + value);
};

const moneyOf = (money: Money): AttributionCredit['money'] =>
  [...money]
    .sort(([a], [b]) => compareText(a, b))
    .map(([currency, value]) => ({ currency: currency === '' ? null : currency, value: rounded(value) }));

/** What is known of a channel while rows are read. */
interface Draft {
  readonly key: string;
  readonly isNamed: boolean;
  touches: number;
  readonly conversions: number[];
  readonly money: Money[];
}

/** A sum over conversions. */
interface Total {
  conversions: number;
  readonly money: Money;
}

const newTotal = (): Total => ({ conversions: 0, money: new Map() });

const answerOf = (
  parsed: ParsedAttribution,
  rows: readonly CreditRow[],
  transitions: readonly TransitionRow[],
): Pick<AttributionAnswer, 'models' | 'attributed' | 'unattributed' | 'channels'> => {
  const models = [...new Set(parsed.request.models)];
  const [attributed, unattributed] = [newTotal(), newTotal()];
  const drafts = new Map<string, Draft>();
  for (const row of rows) {
    if (Number(row.what) === UNATTRIBUTED) {
      addTo(unattributed, row);
      continue;
    }
    addTo(attributed, row);
    addCredit(draftOf(drafts, row), row);
  }
  const effects = removalEffects(
    transitions.map(({ src, dst, n }) => ({ from: src, to: dst, count: Number(n) })),
    ENDS,
  );
  const effectSum = [...effects.values()].reduce((sum, effect) => sum + effect, 0);
  const channels = [...drafts.values()].map((draft): AttributionChannel => {
    const effect = effects.get(stateOf(draft)) ?? 0;
    const markovShare = effectSum === 0 ? 0 : effect / effectSum;
    const creditOf = (model: AttributionModel): AttributionCredit => {
      const at = CREDIT_MODELS.findIndex((name) => name === model);
      const conversions = at < 0 ? attributed.conversions * markovShare : (draft.conversions[at] ?? 0);
      const money =
        at < 0
          ? new Map([...attributed.money].map(([currency, value]) => [currency, value * markovShare]))
          : (draft.money[at] ?? new Map<string, number>());
      return {
        conversions: rounded(conversions),
        share: attributed.conversions === 0 ? null : rounded(conversions / attributed.conversions),
        money: moneyOf(money),
      };
    };
    return {
      channel: draft.isNamed ? groupValue(parsed.channel, draft.key) : null,
      other: !draft.isNamed,
      touches: draft.touches,
      credits: Object.fromEntries(models.map((model) => [model, creditOf(model)])),
      ...(models.includes('markov') ? { removal_effect: effects.size === 0 ? null : effect } : {}),
    };
  });
  const [first = 'last'] = models;
  return {
    models,
    attributed: { conversions: attributed.conversions, money: moneyOf(attributed.money) },
    unattributed: { conversions: unattributed.conversions, money: moneyOf(unattributed.money) },
    channels: channels.sort(byCredit(first)),
  };
};

/** The ends of paths in the statement of transitions. Channels there begin with another letter. */
const ENDS: ChainEnds = { start: 'S', conversion: 'C' };

const stateOf = ({ isNamed, key }: Draft): string => (isNamed ? `T${key}` : 'O');

const addTo = (total: Total, row: CreditRow): void => {
  total.conversions += Number(row.conversions);
  addMoney(total.money, row.cur, Number(row.money));
};

const draftOf = (drafts: Map<string, Draft>, { what, ch }: CreditRow): Draft => {
  const isNamed = Number(what) === NAMED;
  const known = drafts.get(`${isNamed} ${ch}`);
  if (known !== undefined) return known;
  const draft: Draft = {
    key: ch,
    isNamed,
    touches: 0,
    conversions: CREDIT_MODELS.map(() => 0),
    money: CREDIT_MODELS.map(() => new Map()),
  };
  drafts.set(`${isNamed} ${ch}`, draft);
  return draft;
};

const addCredit = (draft: Draft, row: CreditRow): void => {
  draft.touches += Number(row.touches);
  CREDIT_MODELS.forEach((_, index) => {
    draft.conversions[index] = (draft.conversions[index] ?? 0) + Number(row.credit[index] ?? 0);
    const money = draft.money[index];
    if (money !== undefined) addMoney(money, row.cur, Number(row.credit_money[index] ?? 0));
  });
};

const byCredit =
  (model: AttributionModel) =>
  (a: AttributionChannel, b: AttributionChannel): number =>
    Number(a.other) - Number(b.other) ||
    (b.credits[model]?.conversions ?? 0) - (a.credits[model]?.conversions ?? 0) ||
    compareText(a.channel ?? '', b.channel ?? '');
