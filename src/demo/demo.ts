import { randomBytes } from 'node:crypto';
import type { AuditLog } from '../access/audit.ts';
import { type AuditActor, PLATFORM } from '../access/audit-entry.ts';
import { KEY_KINDS } from '../access/key-format.ts';
import type { KeyRing } from '../access/keys.ts';
import type { Project, Projects } from '../access/projects.ts';
import type { ProjectRemovals } from '../access/removals.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { readSetting, writeSetting } from '../catalog/settings.ts';
import type { DemoAnswer, DemoStateName, NewDemo } from '../contract/demo.ts';
import { DEMO_LIMITS, DEMO_PROJECT } from '../contract/demo-limits.ts';
import { ApiError } from '../event/errors.ts';
import type { Clock } from '../lib/clock.ts';
import { defineEvent, type Telemetry } from '../lib/telemetry.ts';
import type { DemoJob, DemoProgress, RequestLimits } from './messages.ts';
import type { DemoPlan } from './plan.ts';
import { type DemoSender, startSender } from './supervise.ts';

/**
 * The demo: a project of its own that has a month of history and live events of a web shop. What it is to be and how far it is stands in the catalogue, so that it goes on after a restart. Its
 * events are sent by a process of its own, over HTTP, as any client's are.
 *
 * States: absent -> starting (nothing acknowledged yet) -> backfilling -> live; from any of these by refusal: failed; by `close`: stopping; by `clear`: clearing -> absent.
 */

/** Where the demo stands in the catalogue's settings. */
const SETTING = 'demo';
const KEY_NAME = 'key of the demo';
/** How often it is written down how far history is. What was sent since is sent again after a crash, and recognised by its ids. */
const WRITE_EVERY_MS = 1_000;
/** Bounds of one request of the demo: small enough that decoding it holds up nobody. */
const REQUEST_LIMITS: RequestLimits = { eventsMax: 1_000, bytesMax: 1024 * 1024 };

/** What is kept of a demo. */
interface Kept extends DemoProgress {
  readonly plan: DemoPlan;
  /** It is to be removed: what was interrupted in that is gone on with. */
  readonly isClearing?: true;
}

const DEMO_REFUSED = defineEvent<{ what: string }>({
  name: 'demo_refused',
  level: 'error',
  message: ({ what }) => `The platform does not take the demo's events: ${what}`,
});

const WRITE_FAILED = defineEvent<{ error: unknown }>({
  name: 'demo_write_failed',
  level: 'warn',
  message: ({ error }) =>
    `How far the demo is could not be written down, and is tried again: ${error instanceof Error ? error.message : String(error)}`,
});

/** What the demo needs. */
export interface DemoOptions {
  readonly catalog: Catalog;
  readonly audit: AuditLog;
  readonly keys: KeyRing;
  readonly projects: Projects;
  readonly removals: ProjectRemovals;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** What one request may hold by the platform's options. */
  readonly limits: RequestLimits;
  /** Where the platform listens. Called once it does. */
  readonly url: () => string;
}

/** The demo of a platform. */
export interface Demo {
  /** How it is. */
  status(): DemoAnswer;
  /** Starts it unless it is there already. Throws ApiError `conflict` if somebody else has its project. */
  start(wanted: NewDemo, by: AuditActor): Promise<DemoAnswer>;
  /** Removes it, project and all; resolves when that has begun. */
  clear(by: AuditActor): Promise<DemoAnswer>;
  /** Finds out what was there when the platform ended. Before anything else. */
  recall(): Promise<void>;
  /** Goes on with that. */
  resume(): Promise<void>;
  /** Ends its process. It goes on with the next `resume`. */
  close(): Promise<void>;
}

/** How the demo is unless somebody says otherwise. */
export const USUAL_DEMO: NewDemo = {
  days: DEMO_LIMITS.days.usual,
  events: DEMO_LIMITS.events.usual,
  rate: DEMO_LIMITS.rate.usual,
};

/** Makes the demo of a platform. Nothing runs before `start` or `resume`. */
export const createDemo = (options: DemoOptions): Demo => new CatalogDemo(options);

class CatalogDemo implements Demo {
  readonly #options: DemoOptions;
  #kept: Kept | undefined;
  #sender: DemoSender | undefined;
  #isFlowing = false;
  #isClosed = false;
  /** The removal of the latest one that was removed, until it is done. */
  #clearing: Promise<void> | undefined;
  #trouble: string | null = null;
  #refusal: string | null = null;
  /** Starting, and all else that is not to happen twice at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  #writing: NodeJS.Timeout | undefined;

  constructor(options: DemoOptions) {
    this.#options = options;
  }

  status(): DemoAnswer {
    const { plan, backfilled, isFilled } = this.#kept ?? NOTHING;
    return {
      state: this.#stateName(),
      project: DEMO_PROJECT,
      backfilled,
      of: isFilled ? backfilled : Math.max(plan.events, backfilled),
      rate: plan.rate,
      days: plan.days,
      message: this.#message(),
    };
  }

  start(wanted: NewDemo, by: AuditActor): Promise<DemoAnswer> {
    return this.#inTurn(async () => {
      if (this.#isClosed) throw new ApiError('stopping');
      if (this.#kept === undefined) await this.#make(wanted, by);
      if (this.#sender === undefined || this.#refusal !== null) await this.#run(by);
      return this.status();
    });
  }

  clear(by: AuditActor): Promise<DemoAnswer> {
    return this.#inTurn(async () => {
      if (this.#isClosed) throw new ApiError('stopping');
      if (this.#kept !== undefined) {
        await this.#options.audit.record({ actor: by, action: 'demo.cleared', object: DEMO_PROJECT });
        this.#kept = { ...this.#kept, isClearing: true };
        await this.#remove(by);
      }
      return this.status();
    });
  }

  async recall(): Promise<void> {
    for (const { project, done } of this.#options.removals.underWay)
      if (project.name === DEMO_PROJECT) this.#clearingUntil(done);
    const stored = await readSetting<Kept | null>(this.#options.catalog, SETTING);
    this.#kept = stored?.value ?? undefined;
  }

  resume(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#kept === undefined || this.#isClosed) return;
      await (this.#kept.isClearing === true ? this.#remove(PLATFORM) : this.#run(PLATFORM));
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#inTurn(() => this.#halt());
  }

  #stateName(): DemoStateName {
    if (this.#kept === undefined) return this.#clearing === undefined ? 'absent' : 'clearing';
    if (this.#kept.isClearing === true) return 'clearing';
    if (this.#isClosed) return 'stopping';
    if (this.#refusal !== null) return 'failed';
    if (!this.#isFlowing) return 'starting';
    return this.#kept.isFilled ? 'live' : 'backfilling';
  }

  #message(): string | null {
    if (this.#refusal !== null)
      return `The platform does not take the demo's events: ${this.#refusal.replace(/\.$/, '')}. Set that right and start the demo again.`;
    if (this.#trouble === null) return null;
    return `The demo waits and tries again: ${this.#trouble.replace(/\.$/, '')}. If that lasts, see /api/health.`;
  }

  /** Writes down what is to be, and makes the project. In this order: what is written down without a project is made good when it is taken up. */
  async #make({ days, events, rate }: NewDemo, by: AuditActor): Promise<void> {
    const { projects, clock } = this.#options;
    if ((await projects.find(DEMO_PROJECT)) !== undefined)
      throw new ApiError(
        'conflict',
        `There is a project "${DEMO_PROJECT}" that is not the demo's. It is left alone, so there can be no demo.`,
      );
    const plan = { seed: randomBytes(4).readInt32LE(), startedMs: clock.nowMs(), days, events, rate };
    await this.#options.audit.record({ actor: by, action: 'demo.started', object: DEMO_PROJECT });
    this.#kept = { plan, backfilled: 0, isFilled: false };
    await this.#write();
  }

  /** Starts the process, with a key that only it knows. */
  async #run(by: AuditActor): Promise<void> {
    const { projects } = this.#options;
    await this.#sender?.stop();
    const project = (await projects.find(DEMO_PROJECT)) ?? (await projects.create(DEMO_PROJECT, by)).project;
    const key = await this.#makeKey(project);
    this.#refusal = null;
    this.#trouble = null;
    this.#isFlowing = false;
    this.#sender = startSender({
      job: () => this.#job(key),
      onProgress: (progress) => this.#progressed(progress),
      onTrouble: (what) => {
        this.#isFlowing ||= what === null;
        this.#trouble = what;
      },
      onRefused: (what) => {
        this.#refusal = what;
        this.#options.telemetry.emit(DEMO_REFUSED, { what });
      },
      telemetry: this.#options.telemetry,
    });
  }

  #job(key: string): DemoJob {
    const { plan, backfilled, isFilled } = this.#kept ?? NOTHING;
    const { url, limits } = this.#options;
    const eventsMax = Math.min(REQUEST_LIMITS.eventsMax, limits.eventsMax);
    const bytesMax = Math.min(REQUEST_LIMITS.bytesMax, limits.bytesMax);
    return { url: url(), key, plan, backfilled, isFilled, limits: { eventsMax, bytesMax } };
  }

  /** An admin key, because history is declared. Those of earlier starts are forgotten: nobody knows them. */
  async #makeKey({ id: project }: Project): Promise<string> {
    const { keys } = this.#options;
    const earlier = keys.list(project).filter(({ name }) => name === KEY_NAME);
    for (const { id } of earlier) await keys.revoke(project, id, PLATFORM);
    const wanted = { project, scopes: KEY_KINDS.admin.scopes, name: KEY_NAME, by: PLATFORM };
    const { key } = await keys.create(wanted, async (transaction) => {
      for (const { id } of earlier) await transaction.deleteFrom('keys').where('id', '=', id).execute();
    });
    return key;
  }

  /** Ends its process, has its project removed, and forgets it. In this order, and written down first: each step may be repeated. */
  async #remove(by: AuditActor): Promise<void> {
    await this.#write();
    await this.#halt();
    const removal = await this.#options.removals.begin(DEMO_PROJECT, by);
    this.#kept = undefined;
    this.#refusal = null;
    this.#trouble = null;
    await this.#write();
    if (removal !== undefined) this.#clearingUntil(removal.done);
  }

  #clearingUntil(done: Promise<void>): void {
    this.#clearing = done;
    void done.then(() => {
      if (this.#clearing === done) this.#clearing = undefined;
    });
  }

  #progressed(progress: DemoProgress): void {
    if (this.#kept === undefined) return;
    this.#kept = { ...this.#kept, ...progress };
    this.#writing ??= setTimeout(() => {
      this.#writing = undefined;
      this.#write().catch((error: unknown) => {
        this.#options.telemetry.emit(WRITE_FAILED, { error });
        if (this.#kept !== undefined) this.#progressed(this.#kept);
      });
    }, WRITE_EVERY_MS);
  }

  async #write(): Promise<void> {
    const { catalog, clock } = this.#options;
    await writeSetting(catalog, SETTING, this.#kept ?? null, clock.nowMs());
  }

  /** Ends the process and writes down how far it came. */
  async #halt(): Promise<void> {
    const sender = this.#sender;
    this.#sender = undefined;
    await sender?.stop();
    clearTimeout(this.#writing);
    this.#writing = undefined;
    if (sender !== undefined) await this.#write();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

const NOTHING: Kept = {
  plan: { seed: 0, startedMs: 0, ...USUAL_DEMO },
  backfilled: 0,
  isFilled: false,
};
