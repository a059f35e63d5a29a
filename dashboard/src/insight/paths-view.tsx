import { type ReactNode, useMemo } from 'react';
import { Flow } from '../chart/flow.tsx';
import { Notice } from '../design/index.ts';
import { plural } from '../lib/format.ts';
import { pathsGraph } from './paths-shape.ts';
import type { Viewed } from './view-props.ts';
import { titleOf } from './words.ts';

/** What actors do next, or did before, as ways from column to column. */
export const PathsView = ({ question, answer, onDrill, isCompact }: Viewed<'paths'>): ReactNode => {
  const graph = useMemo(() => pathsGraph(answer), [answer]);
  if (answer.actors === 0)
    return <Notice title="No paths here">Nobody did what paths begin with in this time.</Notice>;
  const press = (id: string): void => {
    const node = answer.nodes.find((each) => each.id === id);
    if (node !== undefined && !node.other)
      onDrill?.({ kind: 'value', field: answer.label, value: node.label });
  };
  return (
    <>
      <Flow
        label={titleOf(question)}
        graph={graph}
        isMirrored={answer.direction === 'backward'}
        onPress={onDrill === undefined ? undefined : press}
      />
      {isCompact ? null : (
        <p className="insight-note">
          {plural(answer.actors, answer.actor)} with a path. The faint lower end of a bar{' '}
          {answer.direction === 'forward' ? 'went no further' : 'had nothing before'}.
        </p>
      )}
    </>
  );
};
