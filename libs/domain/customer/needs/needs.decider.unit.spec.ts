import type { CustomerCommandOf } from '../customer.commands.js';
import { Scenario, register } from '../scenario.builder.js';

const need = {
  type: 'RecordNeed',
  needId: 'need-1',
  needCode: 'quietGrinder',
  basis: 'stated',
  source: 'call',
} as const;
const unmet = {
  type: 'CloseNeed',
  needId: 'need-1',
  outcome: 'unmet',
  gapCode: 'noQuietModel',
  bridge: 'newProduct',
} as const;
const met: CustomerCommandOf<'CloseNeed'> = {
  type: 'CloseNeed',
  needId: 'need-1',
  outcome: 'met',
  productIds: ['grinder-2'],
};

describe('Needs', () => {
  it('are met by products', () => {
    const story = new Scenario().given(0, register(), need, met);
    expect(story.lastOf('NeedMet').data).toEqual({ needId: 'need-1', productIds: ['grinder-2'] });
    expect(story.state.needs.unserved).toEqual([]);
  });

  it('stay unmet with the gap until it is bridged', () => {
    const story = new Scenario().given(0, register(), need, unmet);
    expect(story.lastOf('NeedUnmet').data).toEqual({
      needId: 'need-1',
      gapCode: 'noQuietModel',
      bridge: 'newProduct',
    });
    expect(story.refusalOf(1, unmet).code).toBe('NOTHING_TO_DO');
    story.given(30, met);
    expect(story.refusalOf(31, met).code).toBe('UNKNOWN_NEED');
  });

  it('are one need under one id while they are unserved', () => {
    const story = new Scenario().given(0, register(), need);
    expect(story.refusalOf(0, need).code).toBe('ID_ALREADY_USED');
    expect(story.given(0, met, need).state.needs.unserved).toEqual([{ needId: 'need-1', unmet: false }]);
  });

  it.each([
    ['an unmet need without the gap', { ...unmet, gapCode: undefined }],
    ['an unmet need without a bridge', { ...unmet, bridge: undefined }],
    ['an unmet need met by products', { ...unmet, productIds: ['grinder-2'] }],
    ['a met need with a gap', { ...met, gapCode: 'x', bridge: 'none' }],
  ] as const)('say either what meets them or what is missing: %s', (_title, command) => {
    const story = new Scenario().given(0, register(), need);
    expect(story.refusalOf(0, command as never).code).toBe('INVALID_VALUE');
  });

  it('register somebody unknown who needs something', () => {
    const story = new Scenario().given(0, { ...need, registerFirst: { identifiers: [{ type: 'email', value: 'eve@example.com' }] } }); // prettier-ignore
    expect(story.types).toEqual(['CustomerRegistered', 'NeedRecorded']);
  });

  it('keep a state of the same size whatever is needed', () => {
    const story = new Scenario().given(0, register());
    for (let n = 1; n <= 80; n += 1) story.given(0, { ...need, needId: `need-${n}` });
    expect(story.state.needs.unserved).toHaveLength(50);
    story.given(1, met);
    expect(story.types.at(-1)).toBe('NeedMet');
  });
});
