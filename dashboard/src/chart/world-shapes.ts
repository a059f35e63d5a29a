import { geoNaturalEarth1, geoPath } from 'd3-geo';
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import atlas from 'world-atlas/countries-110m.json' with { type: 'json' };
import { lettersOf } from './world-codes.ts';

/** The drawing's size; it is stretched to its place. */
export const WORLD = { width: 960, height: 430 } as const;

/** The outline of a country. */
export interface Shape {
  readonly key: string;
  /** The two letters of the country; undefined for land that belongs to none of them. */
  readonly code: string | undefined;
  readonly path: string;
  /** Its middle. */
  readonly at: readonly [x: number, y: number];
}

/** Nobody visits from there, and it takes a fifth of the height. */
const ANTARCTICA = '010';

type Countries = GeometryCollection<{ readonly name: string }>;

const draw = (): readonly Shape[] => {
  const topology = atlas as unknown as Topology<{ readonly countries: Countries }>;
  const { features } = feature(topology, topology.objects.countries);
  const land = features.filter(({ id }) => id !== ANTARCTICA);
  const projection = geoNaturalEarth1().fitSize([WORLD.width, WORLD.height], {
    type: 'FeatureCollection',
    features: land,
  });
  const path = geoPath(projection).digits(1);
  return land.map((each, index) => {
    const [x, y] = path.centroid(each);
    return {
      key: `${each.id ?? each.properties.name}-${index}`,
      code: lettersOf(each.id === undefined ? undefined : String(each.id), each.properties.name),
      path: path(each) ?? '',
      at: [x, y],
    };
  });
};

/** The countries of the world as outlines, in Natural Earth's projection; worked out when this is loaded. */
export const SHAPES = draw();

/** The countries that the drawing shows: small ones are not among them. */
export const SHOWN: ReadonlySet<string> = new Set(SHAPES.flatMap(({ code }) => code ?? []));
