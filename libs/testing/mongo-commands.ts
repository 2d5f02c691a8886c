import type { MongoConnectionOptions } from '@rapport/connections';

type OnCommand = NonNullable<MongoConnectionOptions['onCommand']>;

const WRITES = new Set(['insert', 'update', 'delete', 'findAndModify', 'drop', 'bulkWrite']);
const READS = new Set(['find', 'aggregate', 'count', 'distinct']);

/** Listens to the commands of a connection and says which of them would not survive an election. */
export class CommandRecorder {
  private readonly seen = new Set<string>();
  private readonly problems: string[] = [];

  readonly onCommand: OnCommand = ({ commandName, command }) => {
    this.seen.add(commandName);
    const { writeConcern, readConcern, commitQuorum, $readPreference } = command as {
      readonly writeConcern?: { readonly w?: unknown };
      readonly readConcern?: { readonly level?: unknown };
      readonly commitQuorum?: unknown;
      readonly $readPreference?: { readonly mode?: string };
    };
    const complain = (what: string): void => {
      this.problems.push(`${commandName}: ${what}`);
    };
    if (WRITES.has(commandName) && writeConcern?.w !== 'majority')
      complain(`writeConcern ${JSON.stringify(writeConcern)}`);
    if (commandName === 'createIndexes' && commitQuorum !== 'majority')
      complain(`commitQuorum ${String(commitQuorum)}`);
    if (!READS.has(commandName)) return;
    if (readConcern?.level !== 'majority') complain(`readConcern ${JSON.stringify(readConcern)}`);
    const mode = $readPreference?.mode;
    if (mode !== undefined && !mode.startsWith('primary')) complain(`readPreference ${mode}`);
  };

  /** Names of the commands sent so far. */
  get commands(): readonly string[] {
    return [...this.seen].sort();
  }

  /** Writes without majority, reads of what may be rolled back; empty when all is well. */
  get unsafe(): readonly string[] {
    return this.problems;
  }
}
