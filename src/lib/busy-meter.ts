import { cpus } from 'node:os';

/** Less of the processors' time idle than this, and the machine is busy: what can wait does. */
const IDLE_SHARE_MIN = 0.3;

/** Tells whether less than a share of the processors' time was idle since it was asked last. */
export const busyMeter = (idleShareMin = IDLE_SHARE_MIN): (() => boolean) => {
  const read = (): { idle: number; all: number } =>
    cpus().reduce(
      ({ idle, all }, { times }) => ({
        idle: idle + times.idle,
        all: all + times.idle + times.user + times.nice + times.sys + times.irq,
      }),
      { idle: 0, all: 0 },
    );
  let before = read();
  return () => {
    const now = read();
    const share = now.all === before.all ? 1 : (now.idle - before.idle) / (now.all - before.all);
    before = now;
    return share < idleShareMin;
  };
};
