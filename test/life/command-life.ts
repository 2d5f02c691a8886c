import { DATA_EXPORT } from '../../apps/api/customer/privacy/privacy.routes.js';
import { epochMsOf, isoOf, MS_PER_DAY } from '@rapport/contracts';
import { AGGREGATE_AREAS } from '../../apps/api/aggregates/aggregate.routes.js';
import { ROUTE_OF_COMMAND } from '../../apps/api/customer/customer-command.controllers.js';
import { IDENTITY_PATHS } from '../../apps/api/identity/identity.controller.js';
import type { CommandRoute } from '../../apps/api/http/command-route.js';
import { SeededRandom } from '../../apps/cli/demo/seeded-random.js';
import { HINTS } from './life-hints.table.js';
import { objectOf, type FieldSchema } from './schema-values.js';

/** Commands that end a life: given to few, and late; what follows them is refused. */
const LAST_WORDS: ReadonlySet<string> = new Set(['EraseCustomer']);
const LAST_SHARE = 0.85;
/** What hardly ever comes together by chance: once the first was recorded, the second is likely. */
const SEQUELS: Readonly<Record<string, readonly [before: string, weight: number]>> = {
  AdvanceOpportunity: ['OpenOpportunity', 8],
  StartRepair: ['RaiseComplaint', 12], ConcludeRepair: ['StartRepair', 600], RenewContract: ['SignContract', 8], AcceptResolution: ['ResolveCase', 8], RecordReturn: ['RecordPurchase', 4], UnlinkParty: ['LinkParty', 4], DesignateStrategicAccount: ['SetNeedLevel', 4],
}; // prettier-ignore
const UNSEEN_WEIGHT = 25;
/** What must come in one order, and seldom does by chance: told by several customers each, as what they say is still by chance. */
export const STORIES: readonly (readonly string[])[] = [
  // Consent for the channel by chance; nobody is won back in the first 30 days, which are three rounds.
  [...Array<string>(6).fill('GrantConsent'), 'RecordGoodbye', ...Array<string>(5).fill('StartWinBack'), 'ConcludeWinBack', 'ConcludeWinBack'],
  ['AssignAccountManager', 'ReleaseAccountManager'],
  ['SignContract', 'ActivateContract', 'ActivateContract', 'ActivateContract', ...Array<string>(30).fill('ExpireContract')],
  ['SetNeedLevel', 'SetNeedLevel', 'DesignateStrategicAccount', 'WithdrawStrategicAccount'],
  ['RegisterCustomer'],
  [...Array<string>(4).fill('RecordPurchase'), 'RecordGoodbye', ...Array<string>(20).fill('OfferProduct')],
  ['StartCoCreation', 'RecordContribution', 'EndCoCreation'],
  ['OpenOpportunity', 'LoseOpportunity', 'ReopenOpportunity'],
  ['RestrictProcessing', 'LiftRestriction'],
]; // prettier-ignore
/** What happens most. */
const EVERYDAY: Readonly<Record<string, number>> = { RecordTouchPoint: 6, RecordPurchase: 8, RecordSurveyResponse: 3, ReviewRelationship: 2, MoveStage: 3, StartRepair: 3, ResolveCase: 3, RecordGoodbye: 2 }; // prettier-ignore
/** A day that no run of this test sees. */
const FAR_AHEAD_MS = epochMsOf('2099-01-01T00:00:00.000Z');
/** Ids of one kind that are kept in mind. */
const LATEST = 6;

/** Fields that name a thing of the customer's own, because some command makes one. */
const OWN_IDS: ReadonlySet<string> = new Set(
  [...ROUTE_OF_COMMAND.values()].flatMap(({ ownId }) => (ownId ? [ownId] : [])),
);
/** The command goes on with something that another one began: it needs that one first, so it is the rarer. */
const goesOn = (command: string): boolean => {
  const route = ROUTE_OF_COMMAND.get(command)!;
  return (fieldsOf(route).required ?? []).some((name) => OWN_IDS.has(name) && name !== route.ownId);
};
const fieldsOf = (route: CommandRoute<string>): FieldSchema => route.fields as unknown as FieldSchema;
const isId = (schema: FieldSchema): boolean => schema.pattern !== undefined;

export interface LifeItem {
  readonly command: string;
  readonly [field: string]: unknown;
}

/** What everybody shares: products, campaigns and the like by the field that names them, and the customers known. */
export class LifeWorld {
  readonly customerIds: string[] = [];
  private readonly ids = new Map<string, string[]>();
  private serial = 0;

  private readonly seen = new Set<string>();

  isRecorded(command: string): boolean {
    return this.seen.has(command);
  }

  noteRecorded(command: string): void {
    this.seen.add(command);
  }

  next(): number {
    return ++this.serial;
  }

  idsOf(name: string): readonly string[] {
    return this.ids.get(name) ?? [];
  }

  add(name: string, id: string): void {
    this.ids.set(name, [...this.idsOf(name), id].slice(-20));
  }
}

/** One customer and what is known of them from the answers to their commands. */
export class CommandLife {
  readonly reference: string;
  private readonly random: SeededRandom;
  private readonly own = new Map<string, string[]>();
  private readonly events: string[] = [];
  private readonly eventsByType = new Map<string, string>();
  private readonly lastItems = new Map<string, LifeItem>();
  private isOver = false;
  private customerId: string | undefined;

  constructor(
    readonly index: number,
    seed: number,
    private readonly world: LifeWorld,
    /** What the customer does after registering; nothing = whatever chance has for them. */
    private readonly story?: readonly string[],
  ) {
    this.random = new SeededRandom(seed, index + 1_000_000);
    this.reference = `life/customerNo:L${index}`;
  }

  /** The command of a round; undefined when the life is over. */
  command(round: number, rounds: number, atMs: number): LifeItem | undefined {
    if (this.isOver) return undefined;
    const told = this.story && ['RegisterCustomer', ...this.story];
    if (told && round >= told.length) return undefined;
    const command = told?.[round] ?? (round === 0 ? 'RegisterCustomer' : this.choose(round / rounds));
    if (command === 'EraseCustomer') this.isOver = this.random.chance(0.7);
    return this.item(command, atMs);
  }

  private choose(share: number): string {
    if (share > LAST_SHARE && this.random.chance(0.02)) return this.random.pick([...LAST_WORDS]);
    const choices = [...ROUTE_OF_COMMAND.keys()]
      .filter((command) => command !== 'RegisterCustomer' || this.random.chance(0.05))
      .filter((command) => !LAST_WORDS.has(command))
      .filter((command) => this.knowsWhatItNeeds(command) || this.random.chance(0.03))
      .map((command) => [command, this.weightOf(command)] as const);
    return this.random.weighted(choices);
  }

  private weightOf(command: string): number {
    const [before, weight] = SEQUELS[command] ?? [];
    const usual =
      before !== undefined && this.eventsByType.has(before)
        ? weight!
        : (EVERYDAY[command] ?? (goesOn(command) ? 3 : 1));
    // What nobody could do yet is tried wherever it may succeed.
    return this.world.isRecorded(command) ? usual : Math.max(usual, UNSEEN_WEIGHT);
  }

  /** Every id that the command requires is known: what it goes on with has begun. */
  private knowsWhatItNeeds(command: string): boolean {
    const route = ROUTE_OF_COMMAND.get(command)!;
    return (fieldsOf(route).required ?? []).every(
      (name) => !OWN_IDS.has(name) || name === route.ownId || this.own.has(name),
    );
  }

  private item(command: string, atMs: number): LifeItem {
    const route = ROUTE_OF_COMMAND.get(command)!;
    const serial = this.world.next();
    const context = { random: this.random, atMs, serial, ids: (name: string) => this.own.get(name) ?? this.world.idsOf(name), last: (of: string) => this.lastItems.get(of) };
    const fields = objectOf(fieldsOf(route), {
      random: this.random,
      atMs,
      known: (name, schema) => {
        const hint = HINTS[`${command}.${name}`] ?? HINTS[name];
        const hinted = hint?.(context);
        if (hinted !== undefined) return hinted;
        if (command === 'RegisterCustomer' && name === 'identifiers')
          return [{ type: 'customerNo', value: `L${this.index}`, sourceSystem: 'life' }];
        return this.idFor(name.replace('[]', ''), schema, route, serial);
      },
    });
    return {
      ...(command === 'RegisterCustomer' ? {} : { customer: this.reference }),
      channel: this.random.pick(['web', 'callCentre', 'email', 'branch', 'fieldSales']),
      ...fields,
      command,
      sourceSystem: 'life',
      sourceEventId: `life-${serial}`,
      occurredAt: isoOf(this.timeOf(atMs)),
    };
  } // prettier-ignore

  /** Mostly now, sometimes known late, once in a while a clock that runs ahead by far. */
  private timeOf(atMs: number): number {
    if (this.random.chance(0.05)) return atMs - this.random.integer(1, 60) * MS_PER_DAY;
    return this.random.chance(0.0005) ? FAR_AHEAD_MS : atMs;
  }

  private idFor(name: string, schema: FieldSchema, route: CommandRoute<string>, serial: number): string | undefined {
    if (!isId(schema)) return undefined;
    if (/^otherCustomerId$|CustomerId$/.test(name)) return this.someoneElse();
    if (/vent/.test(name) || name === 'evidence' || name === 'contactAttempts') return this.someEvent(name);
    if (name === route.ownId) {
      const known = this.own.get(name);
      // Now and then an id that is taken.
      if (known && this.random.chance(0.03)) return this.random.pick(known);
      return `${name.replace(/Id$/, '')}-${serial}`;
    }
    if (OWN_IDS.has(name) || OWN_IDS.has(singular(name))) {
      const known = this.own.get(OWN_IDS.has(name) ? name : singular(name));
      return known && !this.random.chance(0.08) ? this.random.pick(known) : `unknown-${serial}`;
    }
    const shared = this.world.idsOf(name);
    return shared.length > 0 ? this.random.pick(shared) : undefined;
  } // prettier-ignore

  /** Hardly ever the customer itself. */
  private someoneElse(): string {
    if (this.customerId !== undefined && this.random.chance(0.02)) return this.customerId;
    const others = this.world.customerIds.filter((id) => id !== this.customerId);
    return others.length > 0 ? this.random.pick(others) : '3f2b8a34-7c35-5c4e-9b52-2a43c9f0d111';
  }

  private someEvent(name: string): string {
    if (this.events.length === 0 || this.random.chance(0.05)) return '3f2b8a34-7c35-5c4e-9b52-2a43c9f0d111';
    const wanted = /target|touch/i.test(name) ? this.eventsByType.get('RecordTouchPoint') : undefined;
    return wanted ?? this.random.pick(this.events);
  }

  /** Takes note of what was recorded. */
  note(item: LifeItem, customerId: string, eventIds: readonly string[]): void {
    if (this.customerId === undefined) {
      this.customerId = customerId;
      this.world.customerIds.push(customerId);
    }
    this.events.push(...eventIds);
    this.events.splice(0, this.events.length - 20);
    if (eventIds.length > 0) {
      this.eventsByType.set(item.command, eventIds[0]!);
      this.lastItems.set(item.command, item);
      this.world.noteRecorded(item.command);
    }
    const ownId = ROUTE_OF_COMMAND.get(item.command)?.ownId;
    if (ownId) this.own.set(ownId, [...(this.own.get(ownId) ?? []), item[ownId] as string].slice(-LATEST));
  }
}

const singular = (name: string): string => name.replace(/s$/, '');

/** A request on an aggregate besides the customer. */
export interface WorldRequest {
  readonly command: string;
  readonly url: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** What to remember when it is recorded. */
  readonly begun?: { readonly name: string; readonly id: string };
}

/** One command on each kind of aggregate: begins another one, or goes on with one that was begun. */
export function worldRequests(world: LifeWorld, random: SeededRandom, atMs: number): readonly WorldRequest[] {
  return AGGREGATE_AREAS.flatMap(({ collection, routes }) => {
    const beginnings = routes.filter(({ path }) => path === '');
    const others = routes.filter(({ path }) => path !== '');
    const idOf = (route: CommandRoute<string>): string | undefined => /:(\w+)/.exec(route.path)?.[1];
    const idName = others.map(idOf).find((name) => name !== undefined) ?? beginnings[0]?.ownId;
    const known = idName === undefined ? [] : world.idsOf(idName);
    // What nobody begins (a process) is there from the start.
    const begins = beginnings.length > 0 && (others.length === 0 || known.length === 0 || random.chance(0.4));
    const route = random.pick(begins ? beginnings : others);
    const serial = world.next();
    const newId = `${collection.replace(/s$/, '')}-${serial}`;
    const context = { random, atMs, serial, ids: (name: string) => world.idsOf(name), last: () => undefined };
    const fields = objectOf(fieldsOf(route), {
      random,
      atMs,
      known: (name, schema) => {
        const hinted = (HINTS[`${route.command}.${name}`] ?? HINTS[name])?.(context);
        if (hinted !== undefined) return hinted;
        if (!isId(schema)) return undefined;
        if (name === idName) return begins ? newId : known.length > 0 ? random.pick(known) : undefined;
        const shared = world.idsOf(name.replace('[]', ''));
        return shared.length > 0 ? random.pick(shared) : undefined;
      },
    });
    const body = { ...fields, occurredAt: isoOf(atMs), sourceSystem: 'life', sourceEventId: `life-${serial}` } as Record<string, unknown>;
    const path = route.path.replaceAll(/:(\w+)/g, (_, name: string) => {
      const value = String(body[name] ?? random.pick(known));
      delete body[name];
      return encodeURIComponent(value);
    });
    return [{
      command: route.command,
      url: `/v1/${collection}${path === '' ? '' : `/${path}`}`,
      body,
      ...(begins && idName !== undefined ? { begun: { name: idName, id: (fields[idName] as string | undefined) ?? newId } } : {}),
    }];
  });
} // prettier-ignore

/** Every command there is a route for. */
export const everyCommand = (): readonly string[] => [
  ...ROUTE_OF_COMMAND.keys(),
  ...AGGREGATE_AREAS.flatMap(({ routes }) => routes.map(({ command }) => command)),
  ...Object.keys(IDENTITY_PATHS),
  DATA_EXPORT.command,
];

/** Stream categories there are routes for. */
export const everyCategory = (): readonly string[] => [
  'customer',
  ...AGGREGATE_AREAS.map(({ category }) => category),
];
