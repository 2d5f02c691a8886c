import { DATA_EXPORT } from '../../apps/api/customer/privacy/privacy.routes.js';
import { IDENTITY_PATHS } from '../../apps/api/identity/identity.controller.js';
import type { ApiUnderTest, Answer } from '../../apps/api/specs/api-under-test.js';

/** Two merges that want the same customer meet in one of a few tries, and then either of two things is said. */
const TRIES = 30;
const MET = ['CUSTOMER_MERGED', 'MERGE_IN_PROGRESS'];

/** Customers who turn out to be one, to be two after all, or are merged by two people at once. */
export async function liveMerges(
  api: ApiUnderTest,
  see: (command: string, status: number, body: { code?: string; errors?: unknown }) => void,
): Promise<void> {
  let registered = 0;
  const somebody = async (): Promise<string> => {
    const value = `M${++registered}`;
    await api.record('/v1/customers', { channel: 'web', roles: ['customer'], identifiers: [{ type: 'customerNo', value, sourceSystem: 'life' }] }); // prettier-ignore
    const reference = `life/customerNo:${value}`;
    await api.record(`/v1/customers/${encodeURIComponent(reference)}/purchases`, { total: { amountMinor: 1_000, currency: 'EUR' } }); // prettier-ignore
    return reference;
  };
  const ask = async (command: keyof typeof IDENTITY_PATHS, body: object): Promise<Answer> => {
    const answer = await api.post(IDENTITY_PATHS[command], body);
    see(command, answer.status, answer.body as { code?: string });
    return answer;
  };
  const merge = (survivor: string, ...members: string[]): Promise<Answer> =>
    ask('MergeCustomers', { survivor, members, matchRule: 'samePhone' });
  const unmerge = (survivor: string): Promise<Answer> =>
    ask('UnmergeCustomers', { survivor, reasonCode: 'twoPersons' });

  const [ada, again, bob] = [await somebody(), await somebody(), await somebody()];
  const path = `/v1/customers/${encodeURIComponent(ada)}/${DATA_EXPORT.path}`;
  const exported = await api.post(path, { basis: 'access' });
  see(DATA_EXPORT.command, exported.status, exported.body as { code?: string });
  await ask('ProposeMatch', { customers: [ada, bob], rules: ['sameName'], scorePct: 40 });
  await ask('RejectMatch', { customers: [ada, bob], reasonCode: 'siblings' });
  await unmerge(ada);
  await merge(ada, again);
  await ask('ProposeMatch', { customers: [ada, again], rules: ['sameName'], scorePct: 90 });
  await merge(bob, ada);
  // Not before bob lets go of ada.
  await unmerge(ada);
  await unmerge(bob);
  await unmerge(ada);
  const codes = new Set<unknown>();
  for (let n = 0; n < TRIES && !MET.every((code) => codes.has(code)); n++) {
    const [one, other, wanted, more] = [await somebody(), await somebody(), await somebody(), await somebody()]; // prettier-ignore
    const answers = await Promise.all([merge(one, more, wanted), merge(other, wanted), merge(other, more)]);
    for (const { body } of answers) codes.add((body as { code?: string }).code);
  }
}
