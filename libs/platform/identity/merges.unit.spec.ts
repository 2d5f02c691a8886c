import { identityUnderTest } from './merges.builder.js';

type UnderTest = Awaited<ReturnType<typeof identityUnderTest>>;
const purchase = (orderId: string) => ({ orderId, total: { amountMinor: 5_000, currency: 'EUR' } });

async function twoCustomers() {
  const test = await identityUnderTest();
  const ada = await test.register('ada@example.com');
  const adaAgain = await test.register('a.lovelace@example.com');
  return { ...test, test, ada, adaAgain };
}
const mergeOf = (test: UnderTest, survivor: string, members: string[], key?: string) =>
  test.merges.merge({ ...test.envelope(key), survivor, members, matchRule: 'manual' });
const unmergeOf = (test: UnderTest, survivor: string, key?: string) =>
  test.merges.unmerge({ ...test.envelope(key), survivor, reasonCode: 'twoPersons' });
const codeOf = (outcome: { kind: string; refusal?: { code: string } }): string =>
  outcome.kind === 'refused' ? outcome.refusal!.code : outcome.kind;

/** Ids and tokens differ from run to run: they are told by the order in which they appear. */
function named(value: unknown): unknown {
  const ids = new Map<string, string>();
  const nameOf = (id: string): string => {
    if (!ids.has(id)) ids.set(id, `id-${ids.size}`);
    return ids.get(id)!;
  };
  const text = JSON.stringify(value).replace(/pv1\.[^"]*/g, 'token');
  return JSON.parse(text.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, nameOf));
}

describe('A merge', () => {
  it('sends what is addressed to the member to the survivor, by id and by identifier, and moves no event', async () => {
    const { test, ada, adaAgain } = await twoCustomers();
    await test.send('RecordPurchase', adaAgain, purchase('o-1'));
    const before = await test.streamOf(adaAgain);
    expect(await mergeOf(test, ada, [adaAgain])).toMatchObject({ kind: 'recorded', customerId: ada, memberIds: [adaAgain] }); // prettier-ignore
    for (const reference of [adaAgain, 'email:a.lovelace@example.com', ada])
      expect(await test.send('RecordTouchPoint', reference, { direction: 'in', kind: 'call' })).toMatchObject({ kind: 'recorded', customerId: ada }); // prettier-ignore
    const after = await test.streamOf(adaAgain);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.slice(before.length).map(({ type }) => type)).toEqual(['CustomerSealed']);
    expect((await test.streamOf(ada)).map(({ type }) => type)).toEqual([
      'CustomerRegistered', 'CustomerHeldForMerge', 'CustomerAbsorbed', 'TouchPointRecorded', 'TouchPointRecorded', 'TouchPointRecorded',
    ]); // prettier-ignore
  });

  it('lets what the member did decide: its open complaint holds a cross-sell back, its case can be resolved', async () => {
    const { test, ada, adaAgain } = await twoCustomers();
    await test.send('RaiseComplaint', adaAgain, { caseId: 'c-1', reasonCode: 'late', severity: 2 });
    await test.send('RecordPurchase', adaAgain, purchase('o-1'));
    expect(codeOf(await test.send('ResolveCase', ada, { caseId: 'c-1', resolutionCode: 'refund' }))).toBe('UNKNOWN_CASE'); // prettier-ignore
    await mergeOf(test, ada, [adaAgain]);
    test.restart();
    expect(codeOf(await test.send('RecordReturn', ada, { orderId: 'o-1', refund: { amountMinor: 6_000, currency: 'EUR' }, reasonCode: 'x' }))).toBe('RETURN_EXCEEDS_PURCHASE'); // prettier-ignore
    expect(codeOf(await test.send('ResolveCase', ada, { caseId: 'c-1', resolutionCode: 'refund' }))).toBe('recorded'); // prettier-ignore
    expect(codeOf(await test.send('ResolveCase', adaAgain, { caseId: 'c-1', resolutionCode: 'refund' }))).toBe('CASE_STATE_FORBIDS'); // prettier-ignore
  });

  it('answers a command of before the merge as it was answered then', async () => {
    const { test, ada, adaAgain } = await twoCustomers();
    const fields = purchase('o-1');
    const key = { idempotencyKey: 'till-7' };
    const first = await test.send('RecordPurchase', adaAgain, fields, key);
    await mergeOf(test, ada, [adaAgain]);
    test.restart();
    expect(await test.send('RecordPurchase', adaAgain, fields, key)).toEqual({ ...first, replayed: true });
  });

  it('answers a command carried out while merged as it was answered then, after the unmerge too', async () => {
    const { test, ada, adaAgain } = await twoCustomers();
    await mergeOf(test, ada, [adaAgain]);
    const key = { idempotencyKey: 'till-8' };
    const first = await test.send('RecordPurchase', adaAgain, purchase('o-1'), key);
    await unmergeOf(test, ada);
    test.restart();
    expect(await test.send('RecordPurchase', adaAgain, purchase('o-1'), key)).toEqual({ ...first, replayed: true }); // prettier-ignore
    expect((await test.streamOf(adaAgain)).map(({ type }) => type)).toEqual(['CustomerRegistered', 'CustomerSealed', 'CustomerUnsealed']); // prettier-ignore
  });

  it('is refused of one and the same, and of somebody erased; nothing is recorded', async () => {
    const { test, ada, adaAgain } = await twoCustomers();
    expect(codeOf(await mergeOf(test, ada, [ada]))).toBe('SAME_CUSTOMER');
    await test.send('EraseCustomer', adaAgain, { basis: 'request', keptForLaw: [] });
    expect(codeOf(await mergeOf(test, ada, [adaAgain]))).toBe('CUSTOMER_ERASED');
    expect(await test.streamOf(ada, 'identity')).toEqual([]);
    expect((await test.streamOf(ada)).map(({ type }) => type)).toEqual(['CustomerRegistered']);
  });

  it('is answered again for its key, and refused for another one', async () => {
    const { test, ada, adaAgain } = await twoCustomers();
    const first = await mergeOf(test, ada, [adaAgain], 'm-1');
    expect(await mergeOf(test, ada, [adaAgain], 'm-1')).toMatchObject({ ...first, replayed: true });
    expect(codeOf(await mergeOf(test, ada, [adaAgain], 'm-2'))).toBe('SAME_CUSTOMER');
    await expect(mergeOf(test, ada, [ada], 'm-1')).rejects.toMatchObject({ code: 'KEY_REUSED' });
  });

  it('records nothing in a dry run', async () => {
    const { test, ada, adaAgain } = await twoCustomers();
    const outcome = await test.merges.merge({ ...test.envelope(), survivor: ada, members: [adaAgain], matchRule: 'manual', dryRun: true }); // prettier-ignore
    expect(outcome).toEqual({ kind: 'possible', customerId: ada, memberIds: [adaAgain] });
    expect(await test.streamOf(ada, 'identity')).toEqual([]);
  });

  it('forgets all of them when the survivor is erased', async () => {
    const { test, ada, adaAgain } = await twoCustomers();
    await mergeOf(test, ada, [adaAgain]);
    await test.send('EraseCustomer', adaAgain, { basis: 'request', keptForLaw: [] });
    expect([await test.keys.isDestroyed(ada), await test.keys.isDestroyed(adaAgain)]).toEqual([true, true]);
    expect(await test.store.erasedCustomers()).toEqual([ada, adaAgain].sort());
    expect(codeOf(await unmergeOf(test, ada))).toBe('CUSTOMER_ERASED');
  });
});

describe('A merge that is interrupted', () => {
  /** Events of both customers and of the decision once somebody has taken the merge up again. */
  async function interruptedAfter(steps: number, isUnmerge: boolean) {
    const { test, ada, adaAgain } = await twoCustomers();
    await test.send('RecordPurchase', adaAgain, purchase('o-1'));
    const cyd = await test.register('cyd@example.com');
    if (isUnmerge) await mergeOf(test, ada, [adaAgain, cyd], 'm');
    test.dieAfter(steps);
    const run = isUnmerge ? unmergeOf(test, ada, 'u') : mergeOf(test, ada, [adaAgain, cyd], 'm');
    const died = await run.then(
      () => false,
      () => true,
    );
    test.restart();
    const meanwhile = await Promise.all([ada, adaAgain, cyd].map((id) => test.send('RecordPreference', id, { kind: 'channel', key: 'contact', value: 'phone', source: 'x' }, { dryRun: true }))); // prettier-ignore
    await test.merges.continue(ada);
    const streams = await Promise.all([test.streamOf(ada), test.streamOf(adaAgain), test.streamOf(cyd), test.streamOf(ada, 'identity')]); // prettier-ignore
    return { died, streams: named(streams), meanwhile: meanwhile.map(codeOf) };
  }

  it.each([
    ['merge', false],
    ['unmerge', true],
  ])('ends as an uninterrupted one, after whichever step of a %s it stops', async (_, isUnmerge) => {
    const whole = await interruptedAfter(Number.POSITIVE_INFINITY, isUnmerge);
    let steps = 1;
    for (; ; steps++) {
      const { died, streams, meanwhile } = await interruptedAfter(steps, isUnmerge);
      expect({ steps, streams }).toEqual({ steps, streams: whole.streams });
      // Nobody decides on half a customer meanwhile.
      for (const code of meanwhile) expect(['possible', 'MERGE_IN_PROGRESS']).toContain(code);
      if (!died) break;
    }
    expect(steps).toBeGreaterThan(isUnmerge ? 4 : 5);
  });

  it('tells whoever asks meanwhile to wait', async () => {
    const { meanwhile } = await interruptedAfter(3, false);
    expect(meanwhile).toEqual(['MERGE_IN_PROGRESS', 'MERGE_IN_PROGRESS', 'possible']);
  });

  it('is given up when a member was merged elsewhere meanwhile, and leaves everybody as they were', async () => {
    const { test, ada, adaAgain } = await twoCustomers();
    const [bob, cyd] = [await test.register('bob@example.com'), await test.register('cyd@example.com')];
    test.dieAfter(3);
    await mergeOf(test, ada, [adaAgain, cyd], 'm').catch(() => undefined);
    test.restart();
    expect(codeOf(await mergeOf(test, bob, [cyd]))).toBe('recorded');
    expect(codeOf(await mergeOf(test, ada, [adaAgain, cyd], 'm'))).toBe('CUSTOMER_MERGED');
    for (const id of [ada, adaAgain])
      expect(await test.send('RecordTouchPoint', id, { direction: 'in', kind: 'call' })).toMatchObject({ kind: 'recorded', customerId: id }); // prettier-ignore
    expect((await test.merges.clusterOf(ada)).merges).toEqual([]);
  });

  it('of two in opposite directions one at most comes about', async () => {
    const { test, ada, adaAgain } = await twoCustomers();
    const outcomes = (
      await Promise.all([mergeOf(test, ada, [adaAgain]), mergeOf(test, adaAgain, [ada])])
    ).map(codeOf);
    expect(outcomes.filter((code) => code === 'recorded').length).toBeLessThanOrEqual(1);
    const survivors = [await test.merges.currentOf(ada), await test.merges.currentOf(adaAgain)];
    expect(new Set(survivors).size).toBe(outcomes.includes('recorded') ? 1 : 2);
  });
});

describe('An unmerge', () => {
  it('takes back the latest merge only, and chains in order', async () => {
    const { test, ada, adaAgain } = await twoCustomers();
    const bob = await test.register('bob@example.com');
    await mergeOf(test, ada, [adaAgain]);
    await mergeOf(test, bob, [ada]);
    expect(await test.send('RecordPurchase', adaAgain, purchase('o-1'))).toMatchObject({ customerId: bob });
    expect(codeOf(await unmergeOf(test, ada))).toBe('CUSTOMER_MERGED');
    expect(codeOf(await unmergeOf(test, bob))).toBe('recorded');
    expect(await test.send('RecordTouchPoint', adaAgain, { direction: 'in', kind: 'call' })).toMatchObject({ customerId: ada }); // prettier-ignore
    expect(codeOf(await unmergeOf(test, ada))).toBe('recorded');
    expect(await test.send('RecordTouchPoint', adaAgain, { direction: 'in', kind: 'call' })).toMatchObject({ customerId: adaAgain }); // prettier-ignore
    expect(codeOf(await unmergeOf(test, ada))).toBe('UNKNOWN_MERGE');
  });

  it('lets each decide on its own facts again', async () => {
    const { test, ada, adaAgain } = await twoCustomers();
    await test.send('RaiseComplaint', adaAgain, { caseId: 'c-1', reasonCode: 'late', severity: 2 });
    await mergeOf(test, ada, [adaAgain]);
    await test.send('RaiseComplaint', adaAgain, { caseId: 'c-2', reasonCode: 'late', severity: 2 });
    await unmergeOf(test, ada);
    for (const restart of [false, true]) {
      if (restart) test.restart();
      const resolve = (id: string, caseId: string) => test.send('ResolveCase', id, { caseId, resolutionCode: 'x' }, { dryRun: true }).then(codeOf); // prettier-ignore
      expect([await resolve(ada, 'c-1'), await resolve(ada, 'c-2')]).toEqual(['UNKNOWN_CASE', 'possible']);
      expect([await resolve(adaAgain, 'c-1'), await resolve(adaAgain, 'c-2')]).toEqual(['possible', 'UNKNOWN_CASE']); // prettier-ignore
    }
  });

  it('allows another merge, of the same two as well', async () => {
    const { test, ada, adaAgain } = await twoCustomers();
    await mergeOf(test, ada, [adaAgain]);
    await unmergeOf(test, ada);
    expect(codeOf(await mergeOf(test, adaAgain, [ada]))).toBe('recorded');
    expect(await test.send('RecordPurchase', ada, purchase('o-1'))).toMatchObject({ customerId: adaAgain });
  });
});
