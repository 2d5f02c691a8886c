import { rapport } from './support/rapport-in-process.js';
import { ServerFolder } from './support/server-folder.js';

interface Found {
  readonly rows: readonly { readonly customerIds: [string, string]; readonly rules: string[]; readonly names: string; readonly scorePct: number; readonly proposed: boolean }[];
  readonly leftOut: object;
  readonly more: boolean;
} // prettier-ignore

describe('rapport identity', () => {
  const folder = new ServerFolder('cli-identity');
  const run = (...args: string[]) => rapport(folder, 'identity', ...args);
  const found = async (...args: string[]): Promise<Found> =>
    JSON.parse((await run('candidates', ...args, '--json')).out) as Found;
  const ids: Record<string, string> = {};

  /** Ada twice by name and postal code, a family of three behind one telephone, Dan and Eve with one e-mail address. */
  beforeAll(async () => {
    await folder.start();
    const client = folder.client();
    const register = (name: string, displayName: string, identifiers: object[]): object => ({
      command: 'RegisterCustomer', sourceSystem: 'shop', sourceEventId: name, channel: 'web', roles: ['customer'], displayName,
      identifiers: [{ type: 'customerNo', value: name, sourceSystem: 'shop' }, ...identifiers],
    }); // prettier-ignore
    const livesAt = (name: string, value: string): object => ({ command: 'CorrectCustomerDetails', sourceSystem: 'shop', sourceEventId: `at-${name}`, channel: 'web', customer: `shop/customerNo:${name}`, changes: [{ field: 'postalCode', value, source: 'web', confidencePct: 90 }] }); // prettier-ignore
    const phone = { type: 'phone', value: '+31201234567' };
    const email = (value: string): object => ({ type: 'email', value });
    const people = [
      register('ada', 'Ada Müller', []),
      register('again', 'MUELLER, Ada', []),
      ...['Ben', 'Cyd', 'Fay'].map((name) => register(name, `${name} Byron`, [phone])),
      register('dan', 'D. Doe', [email('Dan@example.com')]),
      register('eve', 'Dan Doe', [email('dan@example.com')]),
    ];
    const { results } = await client.send([...people, livesAt('ada', '1012 AB'), livesAt('again', '1012ab')] as never); // prettier-ignore
    expect(results.map(({ status }) => status)).toEqual(results.map(() => 'accepted'));
    for (const name of ['ada', 'again', 'dan', 'eve'])
      ids[name] = results[['ada', 'again', '', '', '', 'dan', 'eve'].indexOf(name)]!.customerId as string;
    await client.close();
  }, 60_000);
  afterAll(() => folder.remove());

  const pair = (a: string, b: string): string[] => [ids[a]!, ids[b]!].sort();

  it('lists who may be one, why and how strongly, and says that a household is left out', async () => {
    expect(await found()).toEqual({
      rows: [
        { customerIds: pair('dan', 'eve'), rules: ['sameEmail'], names: 'alike', scorePct: 89, proposed: false },
        { customerIds: pair('ada', 'again'), rules: ['sameName', 'samePostalCode'], names: 'same', scorePct: 70, proposed: false },
      ],
      leftOut: { households: 3, sharedByMany: 0, weaker: 0 },
      more: false,
    }); // prettier-ignore
    const table = await run('candidates');
    expect(table.exitCode).toBe(0);
    expect(table.out).toMatch(/^customer +and +in common +names +strength % +queue/);
    expect(table.out).toMatch(/sameName, samePostalCode +same +70/);
    expect(table.err).toContain(
      'not shown: 3 pairs under one address or telephone with different names: households',
    );
    expect((await run('candidates', '--quiet')).err).toBe('');
    expect((await found('--at-least', '80')).rows).toHaveLength(1);
    expect(await found('--limit', '1')).toMatchObject({ rows: [{ scorePct: 89 }], more: true });
  });

  it('proposes them, with progress, and once', async () => {
    const proposed = await run('candidates', '--propose');
    expect(proposed).toMatchObject({ exitCode: 0, err: expect.stringMatching(/propose: 100 % · 2 pairs/) });
    expect((await found('--propose')).rows.map((row) => row.proposed)).toEqual([true, true]);
  });

  it('takes two for two and does not show them again', async () => {
    const rejected = await run(
      'reject',
      'shop/customerNo:dan',
      'shop/customerNo:eve',
      '--reason',
      'siblings',
    );
    expect(rejected).toMatchObject({ exitCode: 0, out: `${pair('dan', 'eve').join(' and ')} are two` });
    expect((await found()).rows.map(({ customerIds }) => customerIds)).toEqual([pair('ada', 'again')]);
    const twice = await run('reject', ids['dan']!, ids['eve']!, '--reason', 'siblings', '--json');
    expect(twice).toMatchObject({ exitCode: 4, err: expect.stringContaining('NOTHING_TO_DO') });
    expect(JSON.parse(twice.out)).toMatchObject({ error: { exitCode: 4 } });
  });

  it('merges and takes back, a dry run first', async () => {
    const [ada, again] = [ids['ada']!, ids['again']!];
    const merge = (...more: string[]) => run('merge', 'shop/customerNo:ada', 'shop/customerNo:again', ...more);
    expect(await merge('--dry-run')).toMatchObject({ exitCode: 0, out: `${ada} would take in ${again}` });
    expect(JSON.parse((await merge('--dry-run', '--json')).out)).toEqual({ customerId: ada, memberIds: [again], dryRun: true });
    expect(await merge()).toMatchObject({ exitCode: 0, out: expect.stringMatching(new RegExp(`^${ada} took in ${again}\nmerge `)) });
    expect(await merge()).toMatchObject({ exitCode: 4, err: expect.stringContaining('SAME_CUSTOMER') });
    expect((await found()).rows).toEqual([]);
    const unmerge = (...more: string[]) => run('unmerge', 'shop/customerNo:ada', '--reason', 'twoPersons', ...more);
    expect(await unmerge('--dry-run')).toMatchObject({ exitCode: 0, out: `${ada} would let go of ${again}` });
    expect(await unmerge()).toMatchObject({ exitCode: 0, out: `${ada} let go of ${again}` });
    expect(await unmerge()).toMatchObject({ exitCode: 4, err: expect.stringContaining('UNKNOWN_MERGE') });
    expect(await run('merge', ada, 'shop/customerNo:nobody')).toMatchObject({ exitCode: 4, err: expect.stringContaining('CUSTOMER_NOT_FOUND') });
  }); // prettier-ignore

  it('explains each of its commands with an example', async () => {
    for (const command of ['candidates', 'reject', 'merge', 'unmerge'])
      expect((await run(command, '--help')).out).toMatch(/Example:/);
  });
});
