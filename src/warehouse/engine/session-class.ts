import { CODES, EngineError } from './engine-error.ts';
import { LANE_HEADER, LANES, type LaneKind } from './engine-options.ts';
import type { EngineRequest } from './request.ts';
import type { Statement } from './statement.ts';

/** Shares of the memory limit that one statement of a class may take, and above which it sorts and groups on disk. */
const MEMORY_SHARE: Readonly<Record<LaneKind, number>> = { load: 0.6, read: 0.45, control: 0.6 };
const SPILL_SHARE = 0.2;

/** How long a statement may run unless the request says otherwise, seconds. There is always a limit. */
const EXECUTION_SECONDS: Readonly<Record<LaneKind, number>> = { load: 120, read: 60, control: 600 };

const MIB = 1024 * 1024;

/** An answer that is not streamed is held in memory: its bound. */
const BUFFERED_ANSWER_BYTES_MAX = 64 * MIB;

/** Settings of all classes, as a ClickHouse server has them by default. */
const COMMON: Readonly<Record<string, string>> = { max_threads: '2', max_insert_threads: '1' };

const READ_ONLY_BUT_SETTINGS = '2';

/** Which lane a request belongs to: the one it names, or else the one its verb asks for. */
export const laneOf = (
  header: string | string[] | undefined,
  statement: Statement,
  hasData: boolean,
): LaneKind => {
  const named = LANES.find((kind) => kind === header);
  if (named !== undefined) return named;
  if (header !== undefined)
    throw new EngineError(CODES.BAD_ARGUMENTS, `${LANE_HEADER} must be one of ${LANES.join(', ')}`);
  if (hasData) return 'load';
  return statement.isRead ? 'read' : 'control';
};

const classSettings = (
  lane: LaneKind,
  memoryBytesMax: number,
  streamed: boolean,
): Record<string, string> => ({
  ...COMMON,
  max_memory_usage: String(Math.floor(memoryBytesMax * MEMORY_SHARE[lane])),
  max_bytes_before_external_group_by: String(Math.floor(memoryBytesMax * SPILL_SHARE)),
  max_bytes_before_external_sort: String(Math.floor(memoryBytesMax * SPILL_SHARE)),
  max_execution_time: String(EXECUTION_SECONDS[lane]),
  ...(streamed ? {} : { max_result_bytes: String(BUFFERED_ANSWER_BYTES_MAX) }),
});

/** All settings under which a request's statement runs. `readonly` is last on purpose: no setting can be made after `readonly = 1`. */
export const settingsFor = (
  lane: LaneKind,
  request: EngineRequest,
  memoryBytesMax: number,
  streamed: boolean,
  id: string,
): Map<string, string> => {
  const settings = new Map(Object.entries(classSettings(lane, memoryBytesMax, streamed)));
  for (const [name, value] of request.settings) settings.set(name, value);
  if (!(Number(settings.get('max_execution_time')) > 0))
    settings.set('max_execution_time', String(EXECUTION_SECONDS[lane]));
  settings.set('log_comment', id);
  const readonly = settings.get('readonly');
  settings.delete('readonly');
  if (lane === 'read') settings.set('readonly', readonly === '1' ? '1' : READ_ONLY_BUT_SETTINGS);
  return settings;
};
