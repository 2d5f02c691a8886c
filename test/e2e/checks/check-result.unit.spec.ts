import { holds } from './check-result.js';

describe('A check', () => {
  it('holds only when it looked at something and found nothing wrong', () => {
    expect(holds({ name: 'n', checked: 1, violations: [] })).toBe(true);
    expect(holds({ name: 'n', checked: 1, violations: ['wrong'] })).toBe(false);
    expect(holds({ name: 'n', checked: 0, violations: [] })).toBe(false);
  });
});
