import { CONFIG_VARIABLES, ConfigError, readConfig } from './config.js';

describe('Configuration', () => {
  it('has a default for everything', () => {
    expect(readConfig({})).toMatchObject({ dataDir: './data', host: '127.0.0.1', port: 4100, logLevel: 'info', valueHorizonDays: 365, valueAnnualDiscount: 0.1, valueMargin: 0.3, reviewIntervalMs: 60_000, scoringIntervalMs: 0 }); // prettier-ignore
    expect(readConfig({}).ruleBookFile).toBeUndefined();
  });

  it('takes an empty variable for an absent one', () => {
    expect(readConfig({ RAPPORT_PORT: '', RAPPORT_RULE_BOOK_FILE: '' })).toEqual(readConfig({}));
  });

  it.each([
    ['RAPPORT_PORT', 'http'],
    ['RAPPORT_PORT', '65536'],
    ['RAPPORT_PORT', '-1'],
    ['RAPPORT_LOG_LEVEL', 'loud'],
    ['RAPPORT_VALUE_HORIZON_DAYS', '0'],
    ['RAPPORT_VALUE_HORIZON_DAYS', 'a year'],
    ['RAPPORT_VALUE_ANNUAL_DISCOUNT', '-0.1'],
    ['RAPPORT_VALUE_MARGIN', '30'],
    ['RAPPORT_VALUE_MARGIN', ' '],
    ['RAPPORT_REVIEW_INTERVAL_MS', '-1'],
    ['RAPPORT_SCORING_INTERVAL_MS', 'often'],
  ])('refuses %s=%s in one line that names the variable', (name, value) => {
    const read = (): unknown => readConfig({ [name]: value });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(new RegExp(`^${name} [^\n]+$`));
  });

  it('describes every variable it reads, each once', () => {
    const names = CONFIG_VARIABLES.map((variable) => variable.name);
    expect(new Set(names).size).toBe(names.length);
    for (const variable of CONFIG_VARIABLES)
      expect(Object.values(variable).every((text) => text.length > 0)).toBe(true);
  });
});
