import { type ReactNode, useMemo } from 'react';
import { type Place, WorldMap } from '../chart/world-map.tsx';
import { useTrend } from '../data/use-trend.ts';
import { Card, Fresh, Loaded, Notice, Skeleton } from '../design/index.ts';
import { countryName } from '../lib/country.ts';
import { fullCount, plural } from '../lib/format.ts';

const COUNTRIES_MAX = 250;
const LISTED = 10;

/** Where active users are, by the country of their events. */
export const HereMap = (): ReactNode => {
  const { answer, atMs, error } = useTrend({
    kind: 'trend',
    measure: 'unique_users',
    by: ['country'],
    top: COUNTRIES_MAX,
    interval: 'total',
    range: 'last 5 minutes',
  });
  const places = useMemo<readonly Place[] | undefined>(
    () =>
      answer?.series.flatMap(({ group, total }) => {
        const code = group?.['country'] ?? null;
        const value = total ?? 0;
        return code === null || value === 0 ? [] : [{ code, value, words: plural(value, 'active user') }];
      }),
    [answer],
  );
  return (
    <Card title="Active users by country" className="here-map" aside={<Fresh atMs={atMs} />}>
      <Loaded
        data={places}
        error={error}
        trouble="This could not be counted"
        loading={<Skeleton height="100%" />}
      >
        {(known) =>
          known.length === 0 ? (
            <Notice icon="globe" title="Nobody whose country is known">
              Users with an event in the last 5 minutes that names their country appear here.
            </Notice>
          ) : (
            <>
              <WorldMap
                label={`Active users in ${plural(known.length, 'country', 'countries')}`}
                places={known}
              />
              <ol className="here-list">
                {known.slice(0, LISTED).map(({ code, value }) => (
                  <li key={code}>
                    <span className="truncate">{countryName(code)}</span>
                    <span className="number">{fullCount(value)}</span>
                  </li>
                ))}
              </ol>
            </>
          )
        }
      </Loaded>
    </Card>
  );
};
