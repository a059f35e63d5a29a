import type { ReactNode } from 'react';
import { EXAMPLES } from './examples.ts';

/** What stands below an editor that has not run anything yet. */
export const ExampleList = ({ onChoose }: { readonly onChoose: (sql: string) => void }): ReactNode => (
  <section className="card sql-examples" aria-labelledby="sql-examples">
    <h2 id="sql-examples">To begin with</h2>
    <ul>
      {EXAMPLES.map(({ title, sql }) => (
        <li key={title}>
          <button type="button" onClick={() => onChoose(sql)}>
            <span>{title}</span>
            <code>{sql}</code>
          </button>
        </li>
      ))}
    </ul>
  </section>
);
