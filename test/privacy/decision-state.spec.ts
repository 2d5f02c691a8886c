import { EVENT_CONTRACTS, type RecordedEvent } from '@rapport/contracts';
import { customerDecider } from '@rapport/domain';

/** Plain values at a path such as `identifiers[].value`. */
function valuesAt(value: unknown, steps: readonly string[]): unknown[] {
  const [step, ...rest] = steps;
  if (step === undefined) return value === undefined ? [] : [value];
  const inner = (value as Record<string, unknown> | undefined)?.[step.replace('[]', '')];
  return Array.isArray(inner) ? inner.flatMap((item) => valuesAt(item, rest)) : valuesAt(inner, rest);
}

/** A decision folds its own events before their personal values are tokens, so a state must not keep what they say. */
describe('The state that decisions are made on', () => {
  const personal = [...EVENT_CONTRACTS.values()].filter(
    (contract) => contract.category === 'customer' && contract.personal.length > 0,
  );
  it.each(personal.map((contract) => [contract.type, contract] as const))('keeps no personal value of %s', (_, contract) => {
    const data = contract.example as object;
    const state = customerDecider.evolve(customerDecider.initialState(), {
      eventId: '00000000-0000-5000-8000-000000000001', type: contract.type, schemaVersion: contract.version, streamId: 'customer-1', revision: 0n, data,
      metadata: { occurredAt: '2026-01-01T00:00:00.000Z', recordedAt: '2026-01-01T00:00:00.000Z', sourceSystem: 's', channel: 'web', actor: { kind: 'system', id: 's' }, correlationId: 'c', causationId: 'c', commandKey: 'k' },
    } as Omit<RecordedEvent, 'position'>);
    const kept = JSON.stringify(state);
    const values = contract.personal.flatMap(({ path }) => valuesAt(data, path.split('.')));
    for (const value of values) expect(kept).not.toContain(JSON.stringify(value));
  }); // prettier-ignore
});
