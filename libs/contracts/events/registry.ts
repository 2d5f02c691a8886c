import * as profile from './profile.events.js';
import * as consent from './consent.events.js';
import * as privacy from './privacy.events.js';
import * as touchPoints from './touch-points.events.js';
import * as agenda from './agenda.events.js';
import * as needs from './needs.events.js';
import * as ledger from './ledger.events.js';
import * as service from './service.events.js';
import * as contracts from './contracts.events.js';
import * as sales from './sales.events.js';
import * as relationship from './relationship.events.js';
import * as model from './model.events.js';
import * as ruleBook from './rule-book.events.js';
import * as process from './process.events.js';
import * as portfolio from './portfolio.events.js';
import * as crmGoals from './crm-goals.events.js';
import * as campaign from './campaign.events.js';
import * as product from './product.events.js';
import * as identity from './identity.events.js';
import type { EventContract, NewEventOf, RecordedEventOf } from './event-contract.js';

const areas = {
  ...profile,
  ...consent,
  ...privacy,
  ...touchPoints,
  ...agenda,
  ...needs,
  ...ledger,
  ...service,
  ...contracts,
  ...sales,
  ...relationship,
  ...model,
  ...portfolio,
  ...ruleBook,
  ...process,
  ...product,
  ...campaign,
  ...crmGoals,
  ...identity,
};

type Areas = typeof areas;
/** Every event contract the product knows, by export name. */
type Contracts = { [K in keyof Areas as Areas[K] extends EventContract ? K : never]: Areas[K] };
export type AnyContract = Contracts[keyof Contracts];
export type EventType = AnyContract['type'];
/** Union of every event a decision may produce; `switch (event.type)` narrows it. */
export type AnyNewEvent = { [K in keyof Contracts]: NewEventOf<Contracts[K]> }[keyof Contracts];
/** Union of every event as readers see it. */
export type AnyRecordedEvent = { [K in keyof Contracts]: RecordedEventOf<Contracts[K]> }[keyof Contracts];
/** The recorded event of one type. */
export type EventOfType<T extends EventType> = Extract<AnyRecordedEvent, { type: T }>;

const isContract = (value: unknown): value is EventContract =>
  typeof value === 'object' && value !== null && 'emittedBy' in value && 'schema' in value;

/** The registry: event type → latest contract. Docs, codec, metrics and tests read it; nothing else lists events. */
export const EVENT_CONTRACTS: ReadonlyMap<string, EventContract> = new Map(
  (Object.values(areas) as unknown[])
    .filter(isContract)
    .map((contract) => [contract.type, contract] as const),
);

/** Latest contract of a type; undefined for a type this version does not know. */
export const contractOf = (type: string): EventContract | undefined => EVENT_CONTRACTS.get(type);
