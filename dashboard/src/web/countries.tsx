import { lazy, type ReactNode, useMemo } from 'react';
import { Part, Skeleton } from '../design/index.ts';
import { patiently } from '../lib/patiently.ts';
import { fullCount, plural, share } from '../lib/format.ts';
import { ListBody } from './list-card.tsx';
import { rowsOf } from './lists.ts';
import type { Site } from './site.ts';

const WorldMap = lazy(
  patiently(() => import('../chart/world-map.tsx').then((module) => ({ default: module.WorldMap }))),
);

const Map = ({ site }: { readonly site: Site }): ReactNode => {
  const { answer, only, onToggle } = site;
  const places = useMemo(() => {
    if (answer === undefined) return [];
    const { visitors: whole } = answer.total;
    return rowsOf(answer, 'countries').flatMap(({ entry: { value, visitors } }) =>
      value === null
        ? []
        : [
            {
              code: value,
              value: visitors,
              words: `${fullCount(visitors)} ${visitors === 1 ? 'visitor' : 'visitors'}, ${share(visitors, whole)}`,
            },
          ],
    );
  }, [answer]);
  const chosen = useMemo(() => new Set(only.countries?.filter((code) => code !== null)), [only]);
  return (
    <WorldMap
      label={`Visitors by country, ${plural(places.length, 'country', 'countries')}`}
      places={places}
      chosen={chosen}
      onChoose={(code) => onToggle('countries', code)}
    />
  );
};

/** Where visitors are: a map, and the same as a list. */
export const Countries = ({ site }: { readonly site: Site }): ReactNode => (
  <section className="card web-card web-countries" aria-labelledby="web-countries">
    <h2 className="web-card-title" id="web-countries">
      Countries
    </h2>
    <div className="web-countries-body">
      <div className="web-map">
        <Part loading={<Skeleton height="100%" />}>
          {site.answer === undefined ? <Skeleton height="100%" /> : <Map site={site} />}
        </Part>
      </div>
      <div className="web-countries-list">
        <ListBody list="countries" site={site} />
      </div>
    </div>
  </section>
);
