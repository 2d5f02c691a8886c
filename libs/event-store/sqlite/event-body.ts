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
const UNWANTED = /[\0\n]/;
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
  const needsJson = plain.charCodeAt(0) === OPENING_BRACKET || !hasPlainFields(plain, fields.length);
  const head = needsJson ? JSON.stringify(fields) : plain;
  return `${head}\n${JSON.stringify(event.data)}`;
}

/** True when nothing but the tabs between the fields separates: one look at the line instead of one at each field. */
function hasPlainFields(line: string, count: number): boolean {
  if (UNWANTED.test(line)) return false;
  let tabs = 0;
  for (let at = line.indexOf('\t'); at >= 0; at = line.indexOf('\t', at + 1)) tabs++;
  return tabs === count - 1;
}

const headOf = (body: string): string[] => {
  const head = body.slice(0, body.indexOf('\n'));
  return head.charCodeAt(0) === OPENING_BRACKET ? (JSON.parse(head) as string[]) : head.split('\t');
};

export const eventIdOfBody = (body: string): string => headOf(body)[0]!;
/** Second field of the head, without splitting all of it: asked of every event a shard leaves out. */
export function typeOfBody(body: string): string {
  if (body.charCodeAt(0) === OPENING_BRACKET) return headOf(body)[1]!;
  const start = body.indexOf('\t') + 1;
  return body.slice(start, body.indexOf('\t', start));
}
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
  const headEnd = body.indexOf('\n');
  if (headEnd < 0) throw new SyntaxError('no head');
  const isJson = body.charCodeAt(0) === OPENING_BRACKET;
  const json = isJson ? (JSON.parse(body.slice(0, headEnd)) as string[]) : undefined;
  // Field by field instead of split(): no list is made, which a scan of millions of events notices.
  let at = 0;
  let index = 0;
  const next = (): string => {
    if (json !== undefined) return json[index++]!;
    const end = body.indexOf('\t', at);
    const field = body.slice(at, end);
    at = end + 1;
    return field;
  };
  const eventId = next();
  const type = next();
  const schemaVersion = Number(next());
  const occurredAt = next();
  const recordedAt = next();
  const sourceSystem = next();
  const channel = next() as EventMetadata['channel'];
  const actor = { kind: next() as EventMetadata['actor']['kind'], id: next() };
  const commandKey = next();
  const correlationId = next();
  const causationId = next() || correlationId;
  const customer = next();
  const further = next();
  const rest = {
    occurredAt,
    recordedAt,
    sourceSystem,
    channel,
    actor,
    correlationId,
    causationId,
    commandKey,
  };
  const customerId = customer === '' ? customerIdOfThisStream : customer === '-' ? undefined : customer;
  const metadata: EventMetadata = customerId === undefined ? rest : { customerId, ...rest };
  if (further !== '') Object.assign(metadata, JSON.parse(further));
  const data = JSON.parse(body.slice(headEnd + 1)) as Record<string, unknown>;
  const latest = upcast(type, schemaVersion, data);
  return {
    eventId,
    type,
    schemaVersion: latest.schemaVersion,
    streamId,
    revision: BigInt(revision),
    position: BigInt(position),
    data: latest.data,
    metadata,
  };
}
