import { soundLog, topicOf } from './damaged-histories.js';
import { topicIsTheLog } from './topic-is-the-log.js';

const log = soundLog();
const complaintsAbout = (topic: ReturnType<typeof topicOf>) => topicIsTheLog(topic, log).violations;

describe('The topic is the log', () => {
  it('holds for a copy with repeats and progress records', () => {
    const topic = topicOf(log);
    const progress = { ...topic[0]!, headers: { ce_type: 'rapport.progress.v1' } };
    expect(topicIsTheLog([...topic, topic[0]!, progress], log)).toMatchObject({
      checked: 5,
      repeats: 1,
      violations: [],
    });
  });

  it('fails for a missing event, one that is none, and another order', () => {
    const topic = topicOf(log);
    expect(complaintsAbout(topic.slice(0, 4))).toEqual([expect.stringContaining('is missing')]);
    expect(topicIsTheLog(topic, log.slice(0, 4)).violations).toEqual([
      expect.stringContaining('is not in the log'),
    ]);
    expect(complaintsAbout([topic[1]!, topic[0]!, ...topic.slice(2)])).toContainEqual(
      expect.stringContaining('where revision 0 is due'),
    );
  });

  it('fails for another partition and for other words', () => {
    const topic = topicOf(log);
    topic[2] = { ...topic[2]!, partition: 7 };
    expect(complaintsAbout(topic)).toEqual([expect.stringContaining('in partition 7')]);
    const changed = topicOf(log);
    changed[1] = { ...changed[1]!, value: Buffer.from('{}') };
    expect(complaintsAbout(changed)).toEqual([expect.stringContaining('something else')]);
  });
});
