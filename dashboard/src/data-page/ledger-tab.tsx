import { type ReactNode, useMemo } from 'react';
import type { LedgerAccounts, LedgerAnswer } from '../../../src/contract/ledger.ts';
import { useLedger } from '../data/account.ts';
import { Button, Card, Fresh, Icon, Link, Loaded, Notice, Segmented, Skeleton } from '../design/index.ts';
import { addressStore, changeAddress, goTo } from '../lib/address.ts';
import { fullCount } from '../lib/format.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { useStore } from '../lib/use-store.ts';
import { type FlowNode, flowOf, type RefusedAccount } from './flows.ts';
import { LedgerSum } from './ledger-sum.tsx';
import { type LedgerView, ledgerViewOf, SPANS } from './ledger-range.ts';
import { refusedParameters, type RefusedView } from './refused-view.ts';
import { Sankey } from './sankey.tsx';
import { StretchesCard } from './stretches-card.tsx';
import { type Stretch, stretchesOf } from './stretches.ts';
import { stretchWords } from './stretch-words.ts';
import type { TabProps } from './tab-props.ts';

const isRefused = ({ account }: FlowNode): boolean =>
  ['quarantined', 'stale', 'duplicate', 'blocked'].includes(account);

/** Whether the books add up, said in words. */
const Balance = ({ ledger }: { readonly ledger: LedgerAnswer }): ReactNode => {
  const count = ledger.unbalanced_minutes.length;
  if (ledger.balanced)
    return (
      <span className="data-balance" data-good="">
        <Icon name="check" size={12} /> adds up, in every minute
      </span>
    );
  return (
    <span className="data-balance" role="alert">
      <Icon name="warning" size={12} /> does not add up in {fullCount(count)}{' '}
      {count === 1 ? 'minute' : 'minutes'}
    </span>
  );
};

const Controls = ({ view }: { readonly view: LedgerView }): ReactNode => {
  const steps: readonly string[] = view.span.steps;
  return (
    <>
      <Segmented
        label="Received in the last"
        options={SPANS.map(({ value, text }) => ({ value, text }))}
        value={view.span.value}
        onChange={(span) => changeAddress({ span, by: null, at: null }, { isStep: true })}
      />
      {steps.length < 2 ? null : (
        <Segmented
          label="By"
          options={steps.map((value) => ({ value, text: `by ${value}` }))}
          value={view.step}
          onChange={(by) => changeAddress({ by, at: null }, { isStep: true })}
        />
      )}
    </>
  );
};

interface FlowCardProps {
  readonly accounts: LedgerAccounts;
  readonly ledger: LedgerAnswer;
  readonly atMs: number | undefined;
  readonly stretch: { readonly words: string; readonly of: Stretch } | undefined;
  readonly view: LedgerView;
}

/** What the list of refused events shows for a branch. */
const viewOf = (
  account: RefusedAccount,
  reason: string | undefined,
  { view, stretch }: Pick<FlowCardProps, 'view' | 'stretch'>,
): RefusedView => ({
  ...{ outcome: account, reason, type: undefined },
  since: stretch === undefined ? view.span.since : stretch.of.from,
  until: stretch?.of.to,
});

const FlowCard = (props: FlowCardProps): ReactNode => {
  const { accounts, ledger, atMs, stretch, view } = props;
  const flow = useMemo(() => flowOf(accounts), [accounts]);
  const open = (account: RefusedAccount, reason: string | undefined): void =>
    goTo('/data/refused', refusedParameters(viewOf(account, reason, { view, stretch })));
  return (
    <Card
      title={stretch === undefined ? 'Where everything went' : `Where everything went, ${stretch.words}`}
      className="flow-card"
      aside={
        <>
          {stretch === undefined ? null : (
            <Button size="small" icon="close" onClick={() => changeAddress({ at: null })}>
              Whole span
            </Button>
          )}
          <Balance ledger={ledger} />
          <Fresh atMs={atMs} />
        </>
      }
    >
      {accounts.received === 0 ? (
        <Notice
          icon="data"
          title="Nothing was received"
          action={
            view.span.since === undefined ? (
              <Link className="button" to="/">
                Send the first event
              </Link>
            ) : (
              <Button onClick={() => changeAddress({ span: 'all', by: null, at: null }, { isStep: true })}>
                Look at all time
              </Button>
            )
          }
        >
          {view.span.since === undefined
            ? 'Whatever is sent to this project is accounted for here, to the event.'
            : 'In this time no event came in.'}
        </Notice>
      ) : (
        <div className="flow-parts">
          <Sankey
            flow={flow}
            label={`${fullCount(accounts.received)} events received, and where they went; the numbers are beside it`}
            isOpen={isRefused}
            onOpen={(node) =>
              isRefused(node) ? open(node.account as RefusedAccount, node.reason) : undefined
            }
          />
          <LedgerSum accounts={accounts} onOpen={open} />
        </div>
      )}
    </Card>
  );
};

/** What became of everything that was received: as a drawing, as a sum, and stretch by stretch. */
export const LedgerTab = ({ project }: TabProps): ReactNode => {
  const zone = useTimeZone();
  const view = ledgerViewOf(useStore(addressStore));
  const { span, step, at } = view;
  const { data, atMs, error, again } = useLedger(project, step === undefined ? 'total' : 'minute', {
    since: span.since,
  });
  const stretches = useMemo(
    () => (step === undefined ? [] : stretchesOf(data?.minutes ?? [], step, zone)),
    [data, step, zone],
  );
  const chosen = at === undefined ? undefined : stretches.find(({ from }) => from === at);
  return (
    <>
      <div className="page-toolbar">
        <Controls view={view} />
      </div>
      <Loaded
        data={data}
        error={error?.message}
        trouble="The books could not be read"
        again={again}
        loading={<Skeleton height="24rem" />}
      >
        {(ledger) => (
          <>
            <FlowCard
              accounts={chosen ?? ledger.total}
              stretch={
                chosen === undefined || step === undefined
                  ? undefined
                  : { words: stretchWords(chosen.from, step, zone), of: chosen }
              }
              {...{ ledger, atMs, view }}
            />
            {ledger.total.received === 0 ? null : step === undefined ? (
              <p className="quiet">
                The books are kept by the minute of receipt. Choose up to 7 days to see them stretch by
                stretch.
              </p>
            ) : (
              <StretchesCard
                {...{ stretches, step, zone }}
                chosen={chosen?.from}
                onChoose={(from) => changeAddress({ at: from === at ? null : from }, { isStep: true })}
              />
            )}
          </>
        )}
      </Loaded>
    </>
  );
};
