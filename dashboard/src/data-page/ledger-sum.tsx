import type { ReactNode } from 'react';
import type { LedgerAccounts } from '../../../src/contract/ledger.ts';
import { Icon } from '../design/index.ts';
import { fullCount } from '../lib/format.ts';
import { ACCOUNTS, type Account, REFUSED, type RefusedAccount, reasonsOf } from './flows.ts';

const WORDS: Readonly<Record<Account, string>> = {
  stored: 'in the warehouse, by its own count',
  pending: 'durable, not loaded yet',
  duplicate: 'stored before under the same id',
  stale: 'too old, or too far in the future',
  quarantined: 'not understood; kept with their bytes',
  blocked: 'refused by a rule',
};

const isRefused = (account: Account): account is RefusedAccount => REFUSED.some((each) => each === account);

interface LedgerSumProps {
  readonly accounts: LedgerAccounts;
  readonly onOpen: (account: RefusedAccount, reason: string | undefined) => void;
}

const Reasons = ({
  accounts,
  account,
  onOpen,
}: LedgerSumProps & { readonly account: RefusedAccount }): ReactNode =>
  reasonsOf(accounts, account).map(({ reason, count }) => (
    <tr key={reason} className="sum-reason">
      <td aria-hidden="true" />
      <th scope="row" aria-label={reason}>
        <button type="button" onClick={() => onOpen(account, reason)}>
          <code>{reason}</code>
        </button>
      </th>
      <td className="number">{fullCount(count)}</td>
    </tr>
  ));

/** The accounts as a sum, so that everybody can see that it adds up. */
export const LedgerSum = ({ accounts, onOpen }: LedgerSumProps): ReactNode => (
  <table className="ledger-table">
    <caption className="unseen">Received, and what became of it</caption>
    <tbody>
      {ACCOUNTS.map((account, at) => {
        const shown = isRefused(account) && accounts[account] > 0 ? account : undefined;
        return [
          <tr key={account} data-none={accounts[account] === 0 ? '' : undefined}>
            <td aria-hidden="true">{at === 0 ? '' : '+'}</td>
            <th scope="row">
              <span className="account-mark" data-flow={account} />
              {shown === undefined ? (
                <span title={WORDS[account]}>{account}</span>
              ) : (
                <button type="button" title={WORDS[account]} onClick={() => onOpen(shown, undefined)}>
                  {account}
                </button>
              )}
            </th>
            <td className="number">{fullCount(accounts[account])}</td>
          </tr>,
          shown === undefined ? null : (
            <Reasons key={`${account} reasons`} account={shown} {...{ accounts, onOpen }} />
          ),
        ];
      })}
      {accounts.difference === 0 ? null : (
        <tr className="sum-missing">
          <td aria-hidden="true">{accounts.difference > 0 ? '+' : '−'}</td>
          <th scope="row">
            <Icon name="warning" size={12} /> {accounts.difference > 0 ? 'unaccounted for' : 'counted twice'}
          </th>
          <td className="number">{fullCount(Math.abs(accounts.difference))}</td>
        </tr>
      )}
    </tbody>
    <tfoot>
      <tr>
        <td aria-hidden="true">=</td>
        <th scope="row">received</th>
        <td className="number">{fullCount(accounts.received)}</td>
      </tr>
    </tfoot>
  </table>
);
