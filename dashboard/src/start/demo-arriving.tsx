import './start.css';
import type { ReactNode } from 'react';
import type { DemoAnswer } from '../../../src/contract/demo.ts';
import { DemoProgress } from './demo-parts.tsx';

/** What the demo's project shows until its first events are there. */
export const DemoArriving = ({ demo }: { readonly demo: DemoAnswer }): ReactNode => (
  <div className="start">
    <header className="start-head">
      <p className="start-waiting" role="status">
        <span className="beacon" aria-hidden="true" /> Waiting for the first visitor
      </p>
      <h1>The demo is on its way</h1>
      <p>
        A shop opens: visitors first, {demo.days} days of history beside them. This page notices by itself.
      </p>
    </header>
    <DemoProgress demo={demo} />
  </div>
);
