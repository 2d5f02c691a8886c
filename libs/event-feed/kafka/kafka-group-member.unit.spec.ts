import type { Kafka } from 'kafkajs';
import { KafkaGroupMember } from './kafka-group-member.js';

/** A client whose joining ends when the test says so, and what was asked of it. */
function joiningClient() {
  const asked: string[] = [];
  const end: { join: () => void; fail: (error: Error) => void } = {
    join: () => undefined,
    fail: () => undefined,
  };
  const consumer = {
    events: {},
    on: () => undefined,
    connect: async () => void asked.push('connect'),
    subscribe: async () => void asked.push('subscribe'),
    run: () =>
      new Promise<void>((resolve, reject) => {
        asked.push('run');
        end.join = resolve;
        end.fail = reject;
      }),
    disconnect: async () => void asked.push('disconnect'),
  };
  const kafka = { consumer: () => consumer } as unknown as Kafka;
  return { kafka, asked, end };
}

const memberOf = (kafka: Kafka): KafkaGroupMember =>
  new KafkaGroupMember({
    kafka,
    topic: 'events',
    group: 'projector',
    sessionTimeoutMs: 10_000,
    heartbeatMs: 2_000,
    upcast: (_type, schemaVersion, data) => ({ schemaVersion, data }),
    onAssigned: () => undefined,
    onRevoked: () => undefined,
    session: () => undefined,
  });

const aTurn = () => new Promise((resolve) => setImmediate(resolve));

/** A member that is discarded while it joins, a turn later. */
async function discardedWhileJoining() {
  const { kafka, asked, end } = joiningClient();
  const member = memberOf(kafka);
  const started = member.start();
  await aTurn();
  const discarded = member.discard();
  await aTurn();
  return { asked, end, started, discarded };
}

describe('A consumer that is discarded while it joins', () => {
  it('leaves once it has joined: kafkajs told to stop before goes on as a member for ever (#1639)', async () => {
    const { asked, end, ...joining } = await discardedWhileJoining();
    expect(asked).toEqual(['connect', 'subscribe', 'run']);
    end.join();
    await Promise.all([joining.started, joining.discarded]);
    expect(asked.at(-1)).toBe('disconnect');
  });

  it('is closed when its joining failed', async () => {
    const { asked, end, ...joining } = await discardedWhileJoining();
    end.fail(new Error('no broker'));
    await expect(joining.started).rejects.toThrow('no broker');
    await joining.discarded;
    expect(asked.at(-1)).toBe('disconnect');
  });
});
