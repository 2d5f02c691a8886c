import { MS_PER_DAY, epochMsOf, eventIdFor, isoOf } from '@rapport/contracts';
import type {
  CampaignReference,
  Channel,
  NewEvent,
  ProductKind,
  ProductReference,
  RecordedEvent,
  References,
  Refusal,
  Stage,
} from '@rapport/contracts';
import { loadDefaultRuleBook } from '../rule-book/rule-book.loader.js';
import type { RulesInForce } from '../rule-book/rules-in-force.js';
import type { CustomerCommandOf, CustomerRequest } from './customer.commands.js';
import { customerDecider } from './customer.decider.js';
import type { CustomerDecision } from './customer.decider.js';
import { referencesNamedBy } from './references.rules.js';
import type { CustomerState } from './customer.state.js';

export const defaultRules = loadDefaultRuleBook();
export const DAY_0_MS = epochMsOf('2026-01-01T00:00:00.000Z');
const STREAM = 'customer-00000000-0000-5000-8000-000000000001';

export const onDay = (day: number): number => DAY_0_MS + Math.round(day * MS_PER_DAY);
export const isoOnDay = (day: number): string => isoOf(onDay(day));
export const dateOnDay = (day: number): string => isoOnDay(day).slice(0, 10);
export const euro = (amount: number) => ({ amountMinor: Math.round(amount * 100), currency: 'EUR' });

const catalogued = (
  family: string,
  tier: number,
  kind: ProductKind,
  productId: string,
): ProductReference => ({
  productId,
  family,
  tier,
  kind,
});
/** The catalogue of the stories: `em-1` … `em-9` machines, `care-1` … `care-3`, `f-<family>.<tier>`, a grinder, a mill and beans. */
const CATALOGUE: ReadonlyMap<string, ProductReference> = new Map(
  [
    catalogued('grinders', 1, 'durable', 'grinder'),
    catalogued('beans', 1, 'consumable', 'beans'),
    catalogued('mills', 1, 'durable', 'mill'),
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((tier) => catalogued('machines', tier, 'durable', `em-${tier}`)),
    ...[1, 2, 3].map((tier) => catalogued('care', tier, 'service', `care-${tier}`)),
    ...[1, 2, 3].flatMap((family) =>
      [1, 2, 3].map((tier) => catalogued(`f-${family}`, tier, 'durable', `f-${family}.${tier}`)),
    ),
  ].map((product) => [product.productId, product] as const),
);
/** The campaigns of the stories; specs add others, or change these, under their own names. */
const CAMPAIGN: CampaignReference = {
  campaignId: 'spring',
  status: 'launched',
  objective: 'acquire',
  purpose: 'marketing',
  currency: 'EUR',
  attributionDays: 30,
  heldOut: false,
  variant: 'a',
};
const CAMPAIGNS: ReadonlyMap<string, CampaignReference> = new Map(
  [
    CAMPAIGN,
    { ...CAMPAIGN, campaignId: 'accessories', objective: 'crossSell' as const },
    { ...CAMPAIGN, campaignId: 'research', objective: 'retain' as const, purpose: 'research' as const },
    { ...CAMPAIGN, campaignId: 'planned', status: 'planned' as const },
    { ...CAMPAIGN, campaignId: 'closed', status: 'closed' as const },
    { ...CAMPAIGN, campaignId: 'leftOut', heldOut: true },
    {
      ...CAMPAIGN,
      campaignId: 'machineOwners',
      objective: 'retain' as const,
      target: {
        all: [
          { is: 'familyHeld', with: { families: ['machines'] } },
          { is: 'inGroup', with: { groups: ['consumer'] } },
        ],
      },
    },
  ].map((campaign) => [campaign.campaignId, campaign] as const),
);
const found = <T>(ids: readonly string[], known: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
  new Map(ids.flatMap((id) => (known.has(id) ? [[id, known.get(id)!] as const] : [])));
const referencesFor = (command: CustomerRequest): References => {
  const { products, campaigns } = referencesNamedBy(command);
  return { products: found(products, CATALOGUE), campaigns: found(campaigns, CAMPAIGNS) };
};

/**
 * One customer's story for specs: commands on days (counted from 2026-01-01), the events they made, and the state
 * folded from the recorded events exactly as a store would hand them out.
 */
export class Scenario {
  state: CustomerState = customerDecider.initialState();
  readonly recorded: RecordedEvent[] = [];
  private commands = 0;

  constructor(
    readonly ruleBook: RulesInForce = defaultRules,
    /** Wall clock for "not in the future"; far ahead by default. */
    readonly nowMs: number = onDay(100_000),
  ) {}

  /** Decides and records; a refusal records only what the decision says. */
  when(day: number, command: CustomerRequest, channel: Channel = 'web', actorId = 'am-1'): CustomerDecision {
    const commandKey = `command-${this.commands++}`;
    const occurredAtMs = onDay(day);
    const decision = customerDecider.decide(this.state, command, {
      occurredAtMs,
      nowMs: this.nowMs,
      actor: { kind: 'employee', id: actorId },
      channel,
      sourceSystem: 'spec',
      ruleBook: this.ruleBook,
      customerId: STREAM.slice('customer-'.length),
      references: referencesFor(command),
      eventIdOf: (type, index) => eventIdFor(STREAM, commandKey, type, index),
    });
    this.record(decision.events ?? [], commandKey, occurredAtMs, channel);
    const { folded } = decision;
    // The promise of `folded`, asked in every story that is told.
    if (folded && JSON.stringify(folded.to) !== JSON.stringify(this.state))
      throw new Error(`${command.type}: the state of the decision is not the fold of its events`);
    return decision;
  }

  /** As `when`, and fails when the command is refused. */
  given(day: number, ...commands: readonly CustomerRequest[]): this {
    for (const command of commands) {
      const decision = this.when(day, command);
      if (decision.kind === 'refused')
        throw new Error(`${command.type} was refused: ${decision.refusal.code} ${decision.refusal.sentence}`);
    }
    return this;
  }

  /** The refusal of a command; fails when it is accepted. */
  refusalOf(day: number, command: CustomerRequest, channel: Channel = 'web'): Refusal {
    const decision = this.when(day, command, channel);
    if (decision.kind === 'accepted') throw new Error(`${command.type} was accepted`);
    return decision.refusal;
  }

  get stage(): Stage {
    return this.state.relationship.stage;
  }

  /** Types of all events, in order. */
  get types(): string[] {
    return this.recorded.map((event) => event.type);
  }

  /** `contact>involvement/firstPurchase@2` for every move: stages, reason, day. */
  get moves(): string[] {
    return this.recorded.filter(isMove).map((event) => {
      const data = event.data as { from: string; to: string; reasonCode: string };
      const day = (epochMsOf(event.metadata.occurredAt) - DAY_0_MS) / MS_PER_DAY;
      return `${data.from}>${data.to}/${data.reasonCode}@${day}`;
    });
  }

  lastOf(type: string): RecordedEvent {
    const event = this.recorded.findLast((known) => known.type === type);
    if (event === undefined) throw new Error(`no ${type} was recorded`);
    return event;
  }

  private record(
    events: readonly NewEvent[],
    commandKey: string,
    occurredAtMs: number,
    channel: Channel,
  ): void {
    const counts = new Map<string, number>();
    for (const event of events) {
      const index = counts.get(event.type) ?? 0;
      counts.set(event.type, index + 1);
      const revision = BigInt(this.recorded.length);
      const recorded: RecordedEvent = {
        eventId: eventIdFor(STREAM, commandKey, event.type, index),
        type: event.type,
        schemaVersion: 1,
        streamId: STREAM,
        revision,
        position: revision,
        // Through JSON, as a store would hand it out.
        data: JSON.parse(JSON.stringify(event.data)) as unknown,
        metadata: {
          occurredAt: event.occurredAt ?? isoOf(occurredAtMs),
          recordedAt: isoOf(this.nowMs),
          sourceSystem: 'spec',
          channel,
          actor: { kind: 'employee', id: 'am-1' },
          correlationId: commandKey,
          causationId: commandKey,
          commandKey,
        },
      };
      this.recorded.push(recorded);
      this.state = customerDecider.evolve(this.state, recorded);
    }
  }
}

export const isMove = (event: { readonly type: string }): boolean =>
  event.type === 'RelationshipStageMoved' ||
  event.type === 'RelationshipStageChosen' ||
  event.type === 'RelationshipStageOverridden';

export const register = (
  fields: Partial<CustomerCommandOf<'RegisterCustomer'>> = {},
): CustomerCommandOf<'RegisterCustomer'> => ({
  type: 'RegisterCustomer',
  roles: ['customer'],
  identifiers: [{ type: 'email', value: 'ada@example.com' }],
  ...fields,
});

let ids = 0;
const next = (prefix: string): string => `${prefix}-${++ids}`;

export const purchase = (
  fields: Partial<CustomerCommandOf<'RecordPurchase'>> = {},
): CustomerCommandOf<'RecordPurchase'> => ({
  type: 'RecordPurchase',
  orderId: next('o'),
  total: euro(100),
  ...fields,
});

export const call = (
  direction: 'in' | 'out' = 'in',
  fields: Partial<CustomerCommandOf<'RecordTouchPoint'>> = {},
): CustomerCommandOf<'RecordTouchPoint'> => ({
  type: 'RecordTouchPoint',
  direction,
  kind: 'call',
  ...fields,
});

export const complaint = (caseId: string, severity = 2): CustomerCommandOf<'RaiseComplaint'> => ({
  type: 'RaiseComplaint',
  caseId,
  reasonCode: 'lateDelivery',
  severity,
});

export const contract = (
  contractId: string,
  fields: Partial<CustomerCommandOf<'SignContract'>> = {},
): CustomerCommandOf<'SignContract'> => ({
  type: 'SignContract',
  contractId,
  productId: 'maintenance',
  startDate: dateOnDay(0),
  periodMonths: 12,
  autoRenew: false,
  noticeDays: 30,
  ...fields,
});

export const offer = (
  fields: Partial<CustomerCommandOf<'OfferProduct'>> = {},
): CustomerCommandOf<'OfferProduct'> => ({
  type: 'OfferProduct',
  offerId: next('of'),
  productId: 'grinder',
  channel: 'email',
  initiative: 'firm',
  ...fields,
});

export const consent = (
  fields: Partial<CustomerCommandOf<'GrantConsent'>> = {},
): CustomerCommandOf<'GrantConsent'> => ({
  type: 'GrantConsent',
  purpose: 'marketing',
  channelScope: 'any',
  legalBasis: 'consent',
  textVersion: '2026-01',
  ...fields,
});

let contacts = 0;
export const campaignContact = (
  campaignId: string,
  fields: Partial<CustomerCommandOf<'ContactForCampaign'>> = {},
): CustomerCommandOf<'ContactForCampaign'> => ({
  type: 'ContactForCampaign',
  contactId: `cc-${++contacts}`,
  campaignId,
  channel: 'email',
  ...fields,
});

export const nps = (score: number): CustomerCommandOf<'RecordSurveyResponse'> => ({
  type: 'RecordSurveyResponse',
  instrument: 'NPS',
  score,
});

export const repair = (
  repairId: string,
  caseIds: readonly string[],
  dueDay: number,
): CustomerCommandOf<'StartRepair'> => ({
  type: 'StartRepair',
  repairId,
  ownerId: 'am-1',
  caseIds,
  contactAttempts: [],
  plan: 'call, replace, compensate',
  dueAt: isoOnDay(dueDay),
});

export const move = (to: Stage): CustomerCommandOf<'MoveStage'> => ({
  type: 'MoveStage',
  to,
  reasonCode: 'asked',
  evidence: [],
});

export const override = (to: Stage, holdUntilDay: number): CustomerCommandOf<'OverrideStage'> => ({
  type: 'OverrideStage',
  to,
  note: 'decided by the board',
  holdUntil: isoOnDay(holdUntilDay),
});
