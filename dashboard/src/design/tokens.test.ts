import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

/** The colours of tokens.css, checked: contrast by WCAG 2.2, and charts as colour-blind readers see them. */

type Rgb = readonly [number, number, number];
type Mode = 'light' | 'dark';

const css = readFileSync(new URL('tokens.css', import.meta.url), 'utf8');

const colour = (name: string, mode: Mode): Rgb => {
  const value = new RegExp(`--${name}: ([^;]+);`).exec(css)?.[1] ?? '';
  const hexes = value.match(/#[0-9a-f]{6}/g) ?? [];
  const hex = hexes.length === 2 && mode === 'dark' ? hexes[1] : hexes[0];
  assert.ok(hex, `--${name} is a colour`);
  const channel = (at: number): number => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
};

const luminance = ([red, green, blue]: Rgb): number => 0.2126 * red + 0.7152 * green + 0.0722 * blue;

const contrast = (one: Rgb, other: Rgb): number => {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};

/** Text and what it stands on. */
const TEXTS: readonly (readonly [text: string, ground: string])[] = [
  ...['canvas', 'surface', 'sunken', 'raised', 'hover'].flatMap((ground) =>
    ['ink', 'ink-2', 'ink-3', 'accent', 'bad'].map((text) => [text, ground] as const),
  ),
  ...['ink', 'ink-2', 'accent'].map((text) => [text, 'selected'] as const),
  ...['ink', 'ink-2'].map((text) => [text, 'pressed'] as const),
  ...['good', 'warn', 'bad'].flatMap((text) => [
    [text, `${text}-soft`] as const,
    [text, 'surface'] as const,
    ['ink', `${text}-soft`] as const,
  ]),
  ['accent', 'accent-soft'],
  ['ink', 'accent-soft'],
  ['on-accent', 'accent-solid'],
  ['on-accent', 'accent-solid-hover'],
  ...['key', 'text', 'number', 'word'].map((kind) => [`json-${kind}`, 'sunken'] as const),
];

for (const mode of ['light', 'dark'] as const)
  test(`text is readable on what it stands on, ${mode}`, () => {
    const low = TEXTS.map(([text, ground]) => ({
      pair: `${text} on ${ground}`,
      ratio: contrast(colour(text, mode), colour(ground, mode)),
    })).filter(({ ratio }) => ratio < 4.5);
    assert.deepEqual(low, []);
  });

/** How a colour looks without one kind of cone: G. M. Machado and others, 2009, severity 1. */
const VISIONS = {
  normal: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [
    0.152_286, 1.052_583, -0.204_868, 0.114_503, 0.786_281, 0.099_216, -0.003_882, -0.048_116, 1.051_998,
  ],
  deuteranopia: [
    0.367_322, 0.860_646, -0.227_968, 0.280_085, 0.672_501, 0.047_413, -0.011_82, 0.042_94, 0.968_881,
  ],
  tritanopia: [
    1.255_528, -0.076_749, -0.178_779, -0.078_411, 0.930_809, 0.147_602, 0.004_733, 0.691_367, 0.3039,
  ],
} as const;

const times = (matrix: readonly number[], [x, y, z]: Rgb): Rgb => {
  const row = (at: number): number =>
    (matrix[at] ?? 0) * x + (matrix[at + 1] ?? 0) * y + (matrix[at + 2] ?? 0) * z;
  return [row(0), row(3), row(6)];
};

const seen = (rgb: Rgb, vision: keyof typeof VISIONS): Rgb => {
  const [red, green, blue] = times(VISIONS[vision], rgb);
  const clamp = (part: number): number => Math.max(0, Math.min(1, part));
  return [clamp(red), clamp(green), clamp(blue)];
};

/** Björn Ottosson's Oklab: equal distances look equally different. */
const oklab = (rgb: Rgb): Rgb => {
  const [long, middle, short] = times(
    [0.412_221, 0.536_333, 0.051_446, 0.211_903, 0.6807, 0.107_397, 0.088_302, 0.281_719, 0.629_979],
    rgb,
  );
  return times(
    [0.210_454, 0.793_618, -0.004_072, 1.977_998, -2.428_592, 0.450_594, 0.025_904, 0.782_772, -0.808_676],
    [Math.cbrt(long), Math.cbrt(middle), Math.cbrt(short)],
  );
};

/** Two colours this far apart are told apart as small swatches. */
const APART = 0.08;

const SERIES = ['1', '2', '3', '4', '5', '6', '7', 'other'].map((slot) => `series-${slot}`);

for (const mode of ['light', 'dark'] as const)
  for (const vision of Object.keys(VISIONS) as (keyof typeof VISIONS)[])
    test(`colours of charts stay apart, ${mode}, ${vision}`, () => {
      const points = SERIES.map((name) => ({ name, at: oklab(seen(colour(name, mode), vision)) }));
      const close = points.flatMap((one, index) =>
        points.slice(index + 1).flatMap((other) => {
          const distance = Math.hypot(...one.at.map((part, axis) => part - (other.at[axis] ?? 0)));
          return distance < APART ? [`${one.name} and ${other.name}: ${distance.toFixed(3)}`] : [];
        }),
      );
      assert.deepEqual(close, []);
    });
