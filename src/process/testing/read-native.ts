/** For tests: reads ClickHouse's Native format back, as far as this program writes it. */
export const readNative = (bytes: Buffer): Record<string, unknown>[] => {
  const rows: Record<string, unknown>[] = [];
  let at = 0;
  const leb = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  const text = (): string => {
    const size = leb();
    at += size;
    return bytes.toString('utf8', at - size, at);
  };
  const fixed = <T>(width: number, read: (offset: number) => T): T => {
    at += width;
    return read(at - width);
  };
  const cell = (type: string): unknown => {
    if (type === 'String') return text();
    if (type === 'UInt8') return fixed(1, (offset) => bytes.readUInt8(offset));
    if (type === 'UInt32') return fixed(4, (offset) => bytes.readUInt32LE(offset));
    if (type === 'UInt64') return fixed(8, (offset) => Number(bytes.readBigUInt64LE(offset)));
    if (type.startsWith('DateTime64')) return fixed(8, (offset) => Number(bytes.readBigInt64LE(offset)));
    throw new Error(`unknown type ${type}`);
  };
  while (at < bytes.length) {
    const columns = leb();
    const count = leb();
    const block: Record<string, unknown>[] = Array.from({ length: count }, () => ({}));
    for (let column = 0; column < columns; column++) {
      const name = text();
      const type = text();
      const nulls = type.startsWith('Nullable') ? bytes.subarray(at, (at += count)) : undefined;
      for (const [row, values] of block.entries()) {
        const value = nulls === undefined ? cell(type) : fixed(8, (offset) => bytes.readBigInt64LE(offset));
        values[name] = nulls?.[row] === 1 ? null : value;
      }
    }
    rows.push(...block);
  }
  return rows;
};
