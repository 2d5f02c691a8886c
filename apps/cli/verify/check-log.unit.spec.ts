import { eventBuilder, RecordedLog } from '@rapport/testing';
import { checkLog } from './check-log.js';

const events = () =>
  eventBuilder()
    .customer('ada').type('CustomerRegistered').type('PurchaseRecorded').type('PurchaseRecorded')
    .customer('ben').type('CustomerRegistered')
    .build(); // prettier-ignore
const check = (log: ReturnType<typeof events>) =>
  checkLog(new RecordedLog(log), () => undefined, new AbortController().signal);

describe('The check of the log', () => {
  it('is content with a log that is whole', async () => {
    expect(await check(events())).toEqual({ head: 4n, events: 4, streams: 2, findings: [] });
  });

  it('names a gap in a stream', async () => {
    const { findings } = await check(events().filter(({ position }) => position !== 2n));
    expect(findings).toEqual([expect.stringMatching(/^customer-.*: revision 2 where 1 is due$/)]);
  });

  it('names an event that stands twice', async () => {
    const log = [...events()];
    log[2] = { ...log[2]!, eventId: log[1]!.eventId };
    expect((await check(log)).findings).toEqual([expect.stringContaining('stands twice')]);
  });
});
