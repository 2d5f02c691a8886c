import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';

/** A process that runs, however it was started. */
export interface StartedRole {
  readonly child: ChildProcess;
  readonly url: string;
}

export interface RoleExit {
  readonly role: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const AGAIN_AFTER_MS = 200;
const UP_WITHIN_MS = 180_000;
const GRACE_MS = 20_000;

/** One process of the product under an orchestrator: started again whenever it ended, for as long as it is wanted. */
export class SupervisedRole {
  private current: StartedRole | undefined;
  private wanted = true;
  private coming: Promise<void> = Promise.resolve();
  /** Ends that nobody here asked for: a process that gave up. */
  readonly exits: RoleExit[] = [];
  private expectsEnd = false;
  private meanwhile: (() => Promise<void>) | undefined;

  constructor(
    readonly name: string,
    private readonly start: () => Promise<StartedRole>,
  ) {
    this.coming = this.bringUp();
  }

  /** Resolves when it listens. */
  async up(): Promise<StartedRole> {
    for (;;) {
      await this.coming;
      if (this.current) return this.current;
    }
  }

  get url(): string | undefined {
    return this.current?.url;
  }

  get isUp(): boolean {
    return this.current !== undefined;
  }

  /** `kill -9`; resolves when the process is gone. The next one is on its way then, after `meanwhile`. */
  async kill(meanwhile?: () => Promise<void>): Promise<void> {
    const { child } = await this.up();
    this.meanwhile = meanwhile;
    await this.end(child, 'SIGKILL');
  }

  /** SIGSTOP: alive and deaf. */
  async suspend(): Promise<void> {
    (await this.up()).child.kill('SIGSTOP');
  }

  async resume(): Promise<void> {
    (await this.up()).child.kill('SIGCONT');
  }

  /** Ends it for good: in order, or at once. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    this.wanted = false;
    await this.coming.catch(() => undefined);
    const child = this.current?.child;
    if (!child) return null;
    const late = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    await this.end(child, signal);
    clearTimeout(late);
    return child.exitCode;
  }

  private async end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    this.expectsEnd = true;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  private async bringUp(): Promise<void> {
    const { meanwhile } = this;
    this.meanwhile = undefined;
    await meanwhile?.();
    const deadlineMs = performance.now() + UP_WITHIN_MS;
    while (this.wanted) {
      try {
        const started = await this.start();
        this.current = started;
        const onExit = (code: number | null, signal: NodeJS.Signals | null): void => {
          if (!this.expectsEnd) this.exits.push({ role: this.name, code, signal });
          this.expectsEnd = false;
          this.current = undefined;
          if (this.wanted) this.coming = this.bringUp();
        };
        if (started.child.exitCode !== null || started.child.signalCode !== null)
          return onExit(started.child.exitCode, started.child.signalCode);
        started.child.once('exit', onExit);
        return;
      } catch (error) {
        // Its servers may be away: an orchestrator goes on trying.
        if (performance.now() > deadlineMs) throw error;
        await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
      }
    }
  }
}
