import { RapportError } from '@rapport/contracts';
import { SimulatedTime } from '@rapport/runtime';
import type { Logger } from '../observability/logger.js';
import { startRounds } from './rounds.js';

describe('Rounds', () => {
  it('go on after what they meet, which is logged; what is not there yet is no warning', async () => {
    const time = new SimulatedTime(0);
    const logged: string[] = [];
    const note = (level: string) => (_: object, text: string) => void logged.push(`${level}: ${text}`);
    const logger = { debug: note('debug'), warn: note('warn') } as unknown as Logger;
    const meets = [new RapportError('UNAVAILABLE', 'not yet'), new Error('broken'), undefined];
    let rounds = 0;
    const run = async (): Promise<void> => {
      const met = meets[rounds++];
      if (met) throw met;
    };
    const stop = startRounds(
      [
        { name: 'visits', everyMs: 10, run },
        { name: 'nothing', everyMs: 0, run: () => Promise.reject(new Error('never asked for')) },
      ],
      { scheduler: time, logger },
    );
    await time.advance(30);
    expect(rounds).toBe(3);
    expect(logged).toEqual(['debug: visits could not go on', 'warn: visits could not go on']);
    stop();
    await time.advance(100);
    expect(rounds).toBe(3);
  });
});
