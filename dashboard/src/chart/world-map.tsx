import './world-map.css';
import {
  type CSSProperties,
  type KeyboardEvent,
  memo,
  type ReactNode,
  useMemo,
  useRef,
  useState,
} from 'react';
import { countryName } from '../lib/country.ts';
import { plural, shortCount } from '../lib/format.ts';
import { strengthOf } from './world-scale.ts';
import { SHAPES, type Shape, SHOWN, WORLD } from './world-shapes.ts';

/** What the map says of a country. */
export interface Place {
  /** Two letters. */
  readonly code: string;
  readonly value: number;
  /** Its number in words: `1,234 visitors, 12%`. */
  readonly words: string;
}

interface WorldMapProps {
  /** What it shows, for screen readers. */
  readonly label: string;
  /** The largest first. */
  readonly places: readonly Place[];
  /** Countries that are chosen. */
  readonly chosen?: ReadonlySet<string>;
  /** What pressing a country does. */
  readonly onChoose?: ((code: string) => void) | undefined;
}

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

const SHAPE_OF: ReadonlyMap<string, Shape> = new Map(
  SHAPES.flatMap((shape) => (shape.code === undefined ? [] : [[shape.code, shape]])),
);

const Tip = ({ place }: { readonly place: Place }): ReactNode => {
  const [x, y] = SHAPE_OF.get(place.code)?.at ?? [0, 0];
  const left = Math.max(14, Math.min(86, (x / WORLD.width) * 100));
  const isLow = y < WORLD.height * 0.3;
  return (
    <div
      className="world-tip"
      data-low={isLow ? '' : undefined}
      style={{ left: `${left}%`, top: `${(y / WORLD.height) * 100}%` }}
      aria-hidden="true"
    >
      <strong className="truncate">{countryName(place.code)}</strong>
      <span className="number">{place.words}</span>
    </div>
  );
};

interface LandProps {
  readonly places: ReadonlyMap<string, Place>;
  readonly most: number;
  readonly chosen: ReadonlySet<string>;
  /** The one country that the Tab key stops at. */
  readonly stop: string | undefined;
  readonly isPressable: boolean;
}

/** The countries. Events are heard by what is around them, by `data-code`. */
const Land = memo(
  ({ places, most, chosen, stop, isPressable }: LandProps): ReactNode =>
    SHAPES.map(({ key, code, path }) => {
      const place = code === undefined ? undefined : places.get(code);
      if (place === undefined)
        return <path key={key} className="world-country" d={path} aria-hidden="true" />;
      const style = { '--share': `${strengthOf(place.value, most)}%` } as CSSProperties;
      return (
        <path
          key={key}
          className="world-country"
          d={path}
          style={style}
          data-known=""
          data-code={place.code}
          role={isPressable ? 'button' : 'img'}
          aria-label={`${countryName(place.code)}: ${place.words}`}
          aria-pressed={isPressable ? chosen.has(place.code) : undefined}
          tabIndex={place.code === stop ? 0 : -1}
        />
      );
    }),
);
Land.displayName = 'Land';

const codeAt = (target: EventTarget): string | undefined =>
  target instanceof SVGElement ? target.dataset['code'] : undefined;

const NONE: ReadonlySet<string> = new Set();

const Foot = ({ places, most }: { readonly places: readonly Place[]; readonly most: number }): ReactNode => {
  const unseen = places.filter(({ code }) => !SHOWN.has(code));
  return (
    <div className="world-foot">
      {most === 0 ? null : (
        <span className="world-scale number" aria-hidden="true">
          1 <i /> {shortCount(most)}
        </span>
      )}
      {unseen.length === 0 ? null : (
        <span title={unseen.map(({ code, words }) => `${countryName(code)}: ${words}`).join('\n')}>
          {plural(unseen.length, 'place')} too small to draw, or unknown
        </span>
      )}
    </div>
  );
};

/** A number a country. The Tab key stops at it once, arrows go from country to country by size. Beside it, the same numbers should stand as a list. */
export const WorldMap = ({ label, places, chosen = NONE, onChoose }: WorldMapProps): ReactNode => {
  const [over, setOver] = useState<string>();
  const [at, setAt] = useState<string>();
  const drawing = useRef<SVGSVGElement>(null);
  const { drawn, most, byCode } = useMemo(() => {
    const known = places.filter(({ code, value }) => value > 0 && SHOWN.has(code));
    return {
      drawn: known,
      most: Math.max(0, ...known.map(({ value }) => value)),
      byCode: new Map(known.map((place) => [place.code, place])),
    };
  }, [places]);
  const stop = at !== undefined && byCode.has(at) ? at : drawn[0]?.code;
  const shown = byCode.get(over ?? '');
  const focus = (code: string | undefined): void =>
    drawing.current?.querySelector<SVGElement>(`[data-code="${CSS.escape(code ?? '')}"]`)?.focus();
  const onKeyDown = (event: KeyboardEvent): void => {
    const code = codeAt(event.target);
    if (code === undefined) return;
    const index = drawn.findIndex((place) => place.code === code);
    const step = STEPS[event.key];
    if (step !== undefined) focus(drawn[(index + step + drawn.length) % drawn.length]?.code);
    else if (event.key === 'Home') focus(drawn[0]?.code);
    else if (event.key === 'End') focus(drawn.at(-1)?.code);
    else if (event.key === 'Enter' || event.key === ' ') onChoose?.(code);
    else return;
    event.preventDefault();
  };
  const leave = (): void => setOver(undefined);
  return (
    <div className="world">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- they are those of the countries in it */}
      <svg
        ref={drawing}
        className="world-drawing"
        viewBox={`0 0 ${WORLD.width} ${WORLD.height}`}
        role="group"
        aria-label={label}
        onPointerOver={({ target }) => setOver(codeAt(target))}
        onPointerLeave={leave}
        onFocus={({ target }) => {
          setOver(codeAt(target));
          setAt(codeAt(target));
        }}
        onBlur={leave}
        onClick={({ target }) => {
          const code = codeAt(target);
          if (code !== undefined) onChoose?.(code);
        }}
        onKeyDown={onKeyDown}
      >
        <Land places={byCode} most={most} chosen={chosen} stop={stop} isPressable={onChoose !== undefined} />
        {[...chosen, ...(over === undefined || chosen.has(over) ? [] : [over])].map((code) => (
          <path key={code} className="world-outline" d={SHAPE_OF.get(code)?.path} aria-hidden="true" />
        ))}
      </svg>
      {shown === undefined ? null : <Tip place={shown} />}
      <Foot places={places.filter(({ value }) => value > 0)} most={most} />
    </div>
  );
};
