import { contractOf, customerIdFor, customerStreamId, eventIdFor, isoOf } from '@rapport/contracts';
import type { AppendRequest } from '@rapport/event-store';

/** Shares of what customers do, in per cent; the rest of a customer's first event is the registration. */
const MIX: readonly (readonly [type: string, share: number])[] = [
  ['TouchPointRecorded', 55],
  ['PurchaseRecorded', 30],
  ['SurveyResponded', 4],
  ['PaymentReceived', 4],
  ['CaseOpened', 2],
  ['CaseResolved', 2],
  ['ReturnRecorded', 2],
  ['PreferenceSet', 1],
];

/** Whole numbers below a bound, the same in every run (Park-Miller). */
export function dice(): (below: number) => number {
  let random = 42;
  return (below) => (random = (random * 48_271) % 2_147_483_647) % below;
}

/** What a customer does next, as one event; the `nth` of the whole log. */
export function appendOf(
  customer: number,
  expectedRevision: bigint,
  nth: number,
  roll: number,
): AppendRequest {
  const customerId = customerIdFor('bench', String(customer));
  const streamId = customerStreamId(customerId);
  const type = expectedRevision < 0n ? 'CustomerRegistered' : typeOf(roll);
  const commandKey = `k:${nth}`;
  const eventId = eventIdFor(streamId, commandKey, type, 0);
  const contract = contractOf(type)!;
  const example = contract.example as Record<string, unknown>;
  return {
    streamId,
    expectedRevision,
    command: { commandKey, requestHash: nth.toString(16).padStart(64, '0') },
    events: [
      {
        eventId,
        type,
        schemaVersion: contract.version,
        data: { ...example, ...('orderId' in example ? { orderId: `o-${nth}` } : {}) },
        metadata: {
          customerId,
          occurredAt: isoOf(1_700_000_000_000 + nth * 60_000),
          sourceSystem: 'bench',
          channel: 'web',
          actor: { kind: 'system', id: 'bench' },
          correlationId: eventId,
          causationId: eventId,
          commandKey,
        },
      },
    ],
  };
}

function typeOf(roll: number): string {
  let sum = 0;
  for (const [type, share] of MIX) if (roll < (sum += share)) return type;
  return MIX[0]![0];
}
