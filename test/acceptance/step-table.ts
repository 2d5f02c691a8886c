import { CucumberExpression, ParameterType, ParameterTypeRegistry } from '@cucumber/cucumber-expressions';
import type { FeatureStep } from './feature-files.js';
import type { Story } from './story.js';

/** What a step is given besides its own words. */
export interface StepInput {
  readonly table: FeatureStep['table'];
  /** Business time the sentence ends with (`… 30 days ago`), epoch ms; undefined = now. */
  readonly atMs: number | undefined;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each sentence knows the words it has places for
export type StepBody = (story: Story, input: StepInput, ...words: any[]) => Promise<unknown>;

export interface Step {
  readonly sentence: string;
  readonly run: StepBody;
}

/** Sentences of one subject: `'{name} calls us'` and what it does. */
export type Steps = Readonly<Record<string, StepBody>>;

const parameters = new ParameterTypeRegistry();
const define = (name: string, pattern: RegExp, of: (text: string) => unknown): void =>
  parameters.defineParameterType(new ParameterType(name, pattern, null, of, false, false));
/** A person or company of the story. */
define('name', /[A-Z][A-Za-z]*/, (text) => text);
/** A command in words: `open opportunity`, with or without an article. To ask is none. */
define('command', /(?!ask )[a-z][a-z0-9 -]*/, (text) => text);
define('code', /[A-Z][A-Z_]+/, (text) => text);
define('money', /-?\d+(?:\.\d\d)? [A-Z]{3}/, (text) => text);
define('question', /[a-z0-9-]+\/[a-z0-9-]+/, (text) => text);

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const WHEN = / (?:(\d+) (minute|hour|day)s? ago|today)(?=:?$)/;

/** The words of a sentence without its point in time, and that point. */
export function splitTime(text: string, nowMs: number): { words: string; atMs: number | undefined } {
  const found = WHEN.exec(text);
  const words = text.replace(WHEN, '').replace(/:$/, '');
  if (!found) return { words, atMs: undefined };
  return { words, atMs: found[1] === undefined ? nowMs : nowMs - Number(found[1]) * UNIT_MS[found[2]!]! };
}

/** The sentences the features may use. */
export class StepTable {
  private readonly steps: readonly { readonly expression: CucumberExpression; readonly step: Step }[];

  constructor(subjects: readonly Steps[]) {
    this.steps = subjects.flatMap((steps) =>
      Object.entries(steps).map(([sentence, run]) => ({
        expression: new CucumberExpression(sentence, parameters),
        step: { sentence, run },
      })),
    );
  }

  get sentences(): readonly string[] {
    return this.steps.map(({ step }) => step.sentence);
  }

  /** The step a sentence means. Throws when there is none, or more than one. */
  find(words: string): { readonly step: Step; readonly values: readonly unknown[] } {
    const found = this.steps.flatMap(({ expression, step }) => {
      const match = expression.match(words);
      return match ? [{ step, values: match.map((argument) => argument.getValue(null)) }] : [];
    });
    if (found.length === 1) return found[0]!;
    throw new Error(
      found.length === 0
        ? `no step means "${words}"`
        : `"${words}" may mean ${found.map(({ step }) => `"${step.sentence}"`).join(' or ')}`,
    );
  }

  async run(story: Story, step: FeatureStep): Promise<void> {
    const { words, atMs } = splitTime(step.text, story.nowMs);
    const { step: found, values } = this.find(words);
    await found.run(story, { table: step.table, atMs }, ...values);
  }
}
