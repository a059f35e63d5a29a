import { crc32 as zlibCrc32 } from 'node:zlib';

/**
 * CRC-32 (ISO-HDLC, the one of zlib, gzip and Ethernet) of `bytes`. Give the checksum so far, or a salt, as `seed`: `crc32(b, crc32(a))` is the checksum of `a`
 * followed by `b`. Detects every error burst of up to 32 bits, so every flipped byte. Why not CRC-32C: docs/decisions/002-crc32.md.
 */
export const crc32 = (bytes: Uint8Array, seed = 0): number => zlibCrc32(bytes, seed);
