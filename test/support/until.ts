export { PATIENCE_MS, until } from '../../src/lib/testing/until.ts';
