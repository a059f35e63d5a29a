import type { RequestProblem } from '../../../src/contract/common.ts';
import { ApiError } from '../data/api.ts';
import type { Question } from './kinds.ts';

/** What keeps a question from being answered, each where it stands: `steps.1`, `by`. */
export type Problem = RequestProblem;

interface Typed {
  readonly types?: readonly string[] | undefined;
}

/** Whether events are still to be chosen. */
export const isUnchosen = (selector: unknown): boolean =>
  typeof selector === 'object' && selector !== null && (selector as Typed).types?.length === 0;

const at = (path: string, message: string): Problem => ({ path, message });

const when = (holds: boolean, problem: Problem): readonly Problem[] => (holds ? [problem] : []);

const needed = (question: Question): readonly Problem[] => {
  switch (question.kind) {
    case 'funnel':
      return question.steps.flatMap((step, index) =>
        when(isUnchosen(step), at(`steps.${index}`, `Choose the event of step ${index + 1}.`)),
      );
    case 'revenue':
      return when(isUnchosen(question.events), at('events', 'Choose the events whose value is money.'));
    case 'attribution':
      return [
        ...when(isUnchosen(question.conversion), at('conversion', 'Choose what is brought about.')),
        ...when(question.channel === '', at('channel', 'Choose the field that names the channel.')),
      ];
    case 'statistics':
      return when(question.of === '', at('of', 'Choose the number.'));
    case 'experiment':
      return [
        ...when(
          isUnchosen(question.exposure),
          at('exposure', 'Choose the event that says what somebody saw.'),
        ),
        ...when(question.variant === '', at('variant', 'Choose the field that names the variant.')),
        ...when(isUnchosen(question.goal), at('goal', 'Choose what they are hoped to do.')),
      ];
    case 'metric':
      return when(question.metric === '', at('metric', 'Choose a metric.'));
    default:
      return [];
  }
};

/** Combinations that no answer exists for, told before the server is asked. */
const impossible = (question: Question): readonly Problem[] => {
  switch (question.kind) {
    case 'trend':
      return [
        ...when(
          question.cumulative === true && question.window !== undefined,
          at('window', 'A sliding window forgets, a running total does not: take one of the two.'),
        ),
        ...when(
          question.window !== undefined && (question.interval ?? 'auto') === 'auto',
          at('window', 'A sliding window needs an interval: choose how often it ends, beside the range.'),
        ),
        ...when(
          question.interval === 'total' && question.smooth !== undefined,
          at('smooth', 'A total is one number: there is nothing to take the average of.'),
        ),
      ];
    case 'paths':
      return when(
        question.from !== undefined && question.to !== undefined,
        at('to', 'Paths begin with an event or lead to one: take one of the two.'),
      );
    case 'statistics':
      return when(
        question.with !== undefined && question.with === question.of,
        at('with', 'That is the same number: choose another one.'),
      );
    case 'experiment':
      return when(
        question.measure === 'sum' && question.of === undefined,
        at('of', 'Choose what is added up.'),
      );
    default:
      return [];
  }
};

/** What is still missing, or cannot be, as far as it is known without asking. */
export const problemsOf = (question: Question): readonly Problem[] => [
  ...needed(question),
  ...impossible(question),
];

const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Problem).path === 'string' &&
  typeof (value as Problem).message === 'string';

/** What the server says is wrong with a question, each where it stands; none where it is not the question. */
export const problemsOfError = (error: unknown): readonly Problem[] =>
  error instanceof ApiError && Array.isArray(error.details) ? error.details.filter(isProblem) : [];

/** Whether a problem belongs to a control: it stands there, or below. */
export const belongsTo = ({ path }: Problem, control: string): boolean =>
  path === control || path.startsWith(`${control}.`);
