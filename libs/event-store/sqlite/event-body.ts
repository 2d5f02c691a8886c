import type { EventMetadata, RecordedEvent } from '@rapport/contracts';
import { customerIdOfStream, RapportError } from '@rapport/contracts';
import type { CommandEntry, EventToAppend } from '../event-store.port.js';
import type { Upcast } from '../codec/upcast.js';

/**
 * How an event stands in its row: a head of tab-separated fields, a line feed, then its data as JSON.
 * Why not one JSON object: splitting the head costs a third of parsing it, and the scan of the log is bound by parsing.
 * A head whose fields hold a tab, line feed or NUL is written as a JSON array instead (it then starts with `[`).
 *
 * Fields: event id, type, schema version, occurredAt, recordedAt, source system, channel, actor kind, actor id, command key,
 * correlation id, causation id (empty: as the correlation id), customer id (empty: as the stream says; `-`: none),
 * further metadata as JSON (empty: none), and on the first event of a command the command's own entry as JSON.
 */
const COMMAND_FIELD = 14;
// eslint-disable-next-line no-control-regex
const SEPARATORS = /[\0\t\n]/;
const OPENING_BRACKET = '['.charCodeAt(0);

/** What the command index remembers, kept with the first event of the command. */
export interface StoredCommand {
  readonly requestHash: string;
  readonly events: number;
  readonly refusal?: Readonly<Record<string, unknown>>;
}

export function writeBody(
  streamId: string,
  event: EventToAppend,
  recordedAt: string,
  command: CommandEntry | undefined,
  eventsOfCommand: number,
): string {
  const { metadata } = event;
  let further: Record<string, unknown> | undefined;
  for (const key in metadata) {
    switch (key) {
      case 'customerId':
      case 'occurredAt':
      case 'recordedAt':
      case 'sourceSystem':
      case 'channel':
      case 'actor':
      case 'commandKey':
      case 'correlationId':
      case 'causationId':
        break;
      default: {
        const value = (metadata as Record<string, unknown>)[key];
        if (value !== undefined) (further ??= {})[key] = value;
      }
    }
  }
  const stored: StoredCommand | undefined = command && {
    requestHash: command.requestHash,
    events: eventsOfCommand,
    ...(command.refusal ? { refusal: command.refusal } : {}),
  };
  const fields = [
    event.eventId,
    event.type,
    String(event.schemaVersion),
    metadata.occurredAt,
    recordedAt,
    metadata.sourceSystem,
    metadata.channel,
    metadata.actor.kind,
    metadata.actor.id,
    metadata.commandKey,
    metadata.correlationId,
    metadata.causationId === metadata.correlationId ? '' : metadata.causationId,
    metadata.customerId === undefined
      ? '-'
      : metadata.customerId === customerIdOfStream(streamId)
        ? ''
        : metadata.customerId,
    further ? JSON.stringify(further) : '',
    stored ? JSON.stringify(stored) : '',
  ];
  const plain = fields.join('\t');
  const needsJson = plain.charCodeAt(0) === OPENING_BRACKET || fields.some((field) => SEPARATORS.test(field));
  const head = needsJson ? JSON.stringify(fields) : plain;
  return `${head}\n${JSON.stringify(event.data)}`;
}

const headOf = (body: string): string[] => {
  const head = body.slice(0, body.indexOf('\n'));
  return head.charCodeAt(0) === OPENING_BRACKET ? (JSON.parse(head) as string[]) : head.split('\t');
};

export const eventIdOfBody = (body: string): string => headOf(body)[0]!;
export const recordedAtOfBody = (body: string): string => headOf(body)[4]!;
export const commandKeyOfBody = (body: string): string => headOf(body)[9]!;

export function commandOfBody(body: string): StoredCommand {
  const text = headOf(body)[COMMAND_FIELD]!;
  if (text === '')
    throw new RapportError('CORRUPT_EVENT', 'an index entry names an event that began no command');
  return JSON.parse(text) as StoredCommand;
}

/** The event of a row, brought to the latest schema version. Throws SyntaxError on a body nobody wrote. */
export function readBody(
  body: string,
  streamId: string,
  customerIdOfThisStream: string | undefined,
  revision: number,
  position: number,
  upcast: Upcast,
): RecordedEvent {
  const head = headOf(body);
  const correlationId = head[10]!;
  const customer = head[12]!;
  const metadata: EventMetadata = {
    customerId: customer === '' ? customerIdOfThisStream : customer === '-' ? undefined : customer,
    occurredAt: head[3]!,
    recordedAt: head[4]!,
    sourceSystem: head[5]!,
    channel: head[6] as EventMetadata['channel'],
    actor: { kind: head[7] as EventMetadata['actor']['kind'], id: head[8]! },
    correlationId,
    causationId: head[11] || correlationId,
    commandKey: head[9]!,
  };
  if (metadata.customerId === undefined) delete (metadata as { customerId?: string }).customerId;
  if (head[13] !== '') Object.assign(metadata, JSON.parse(head[13]!));
  const data = JSON.parse(body.slice(body.indexOf('\n') + 1)) as Record<string, unknown>;
  const type = head[1]!;
  const latest = upcast(type, Number(head[2]), data);
  return {
    eventId: head[0]!,
    type,
    schemaVersion: latest.schemaVersion,
    streamId,
    revision: BigInt(revision),
    position: BigInt(position),
    data: latest.data,
    metadata,
  };
}
