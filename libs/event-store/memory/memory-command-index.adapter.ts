import type { CommandIndex, CommandIndexMaintenance } from '../command-index.port.js';
import type { Checkpoint, IndexedCommand } from '../event-store.port.js';

const rowOf = (streamId: string, commandKey: string): string => JSON.stringify([streamId, commandKey]);

/** A command index fed from the log, in memory: behind the log by whatever was not yet applied. */
export class MemoryCommandIndex implements CommandIndex, CommandIndexMaintenance {
  private readonly entries = new Map<string, IndexedCommand>();
  private through = 0n;
  private after: Checkpoint | undefined;

  async find(streamId: string, commandKey: string): Promise<IndexedCommand | undefined> {
    return this.entries.get(rowOf(streamId, commandKey));
  }

  async watermark(): Promise<bigint> {
    return this.through;
  }

  async checkpoint(): Promise<Checkpoint | undefined> {
    return this.after;
  }

  async applyCommands(
    entries: readonly IndexedCommand[],
    through: bigint,
    checkpoint?: Checkpoint,
  ): Promise<void> {
    for (const entry of entries) {
      const row = rowOf(entry.streamId, entry.commandKey);
      if (!this.entries.has(row)) this.entries.set(row, structuredClone(entry));
    }
    if (through <= this.through) return;
    this.through = through;
    this.after = checkpoint ?? this.after;
  }
}
