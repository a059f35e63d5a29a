/** Width and height of the drawing; it is stretched to its place. */
export const SPARK = { width: 100, height: 28 } as const;

/** Above and below the line, so that its stroke is not cut. */
const MARGIN = 2;

/** SVG paths of a small line through the values, and of the area below it. Empty for fewer than two values. */
export const sparkPaths = (values: readonly number[]): { readonly line: string; readonly area: string } => {
  if (values.length < 2) return { line: '', area: '' };
  const most = Math.max(...values, 1e-9);
  const step = SPARK.width / (values.length - 1);
  const room = SPARK.height - 2 * MARGIN;
  const points = values.map((value, index) => {
    const y = SPARK.height - MARGIN - (Math.max(0, value) / most) * room;
    return `${(index * step).toFixed(2)} ${y.toFixed(2)}`;
  });
  const line = `M${points.join('L')}`;
  return { line, area: `${line}L${SPARK.width} ${SPARK.height}L0 ${SPARK.height}Z` };
};
