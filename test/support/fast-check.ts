/** fast-check, drawing by the seed of the run where AEVUM_TEST_SEED gives one: CI's is that of its commit, so what CI draws can be drawn again. What fails is printed with its seed either way. */
import fc from 'fast-check';

const seed = process.env['AEVUM_TEST_SEED'];
if (seed !== undefined && seed !== '') fc.configureGlobal({ seed: Number(seed) });

export { fc };
