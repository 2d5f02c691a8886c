import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AstBuilder, compile, GherkinClassicTokenMatcher, Parser } from '@cucumber/gherkin';
import { IdGenerator } from '@cucumber/messages';

export interface FeatureStep {
  readonly keyword: string;
  /** Given: what it does must be recorded for the story to go on. */
  readonly isContext: boolean;
  readonly text: string;
  /** Rows of the table below the step; empty when there is none. */
  readonly table: readonly (readonly string[])[];
}

export interface FeatureScenario {
  readonly name: string;
  readonly steps: readonly FeatureStep[];
}

export interface Feature {
  readonly file: string;
  /** Requirement row, S1 … S20: the tag of the feature. */
  readonly row: string;
  readonly name: string;
  /** What the row promises, in prose. */
  readonly description: string;
  /** Outlines are spread, one scenario for each example. */
  readonly scenarios: readonly FeatureScenario[];
}

export const FEATURES_FOLDER = 'test/acceptance/features';

/** Every feature of the folder, in order of the rows. Throws, naming file and line, when one is not Gherkin. */
export function readFeatures(folder = FEATURES_FOLDER): readonly Feature[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.feature'))
    .sort()
    .map((file) => parseFeature(join(folder, file), readFileSync(join(folder, file), 'utf8')));
}

export function parseFeature(file: string, text: string): Feature {
  const newId = IdGenerator.incrementing();
  let document;
  try {
    document = new Parser(new AstBuilder(newId), new GherkinClassicTokenMatcher()).parse(text);
  } catch (error) {
    throw new Error(`${file} is not a feature: ${(error as Error).message}`, { cause: error });
  }
  const { feature } = document;
  const row = feature?.tags.map(({ name }) => name.slice(1)).find((tag) => /^S\d+$/.test(tag));
  if (!feature || !row) throw new Error(`${basename(file)} has no tag of a requirement row (@S1 … @S20)`);
  const keywords = new Map(
    feature.children
      .flatMap((child) => [
        ...(child.background?.steps ?? []),
        ...(child.scenario?.steps ?? []),
        ...(child.rule?.children ?? []).flatMap((inner) => [
          ...(inner.background?.steps ?? []),
          ...(inner.scenario?.steps ?? []),
        ]),
      ])
      .map((step) => [step.id, step.keyword.trim()]),
  );
  return {
    file,
    row,
    name: feature.name,
    description: feature.description.trim(),
    scenarios: compile(document, file, newId).map((pickle) => ({
      name: pickle.name,
      steps: pickle.steps.map((step) => ({
        keyword: keywords.get(step.astNodeIds[0]!) ?? '*',
        isContext: step.type === 'Context',
        text: step.text,
        table: (step.argument?.dataTable?.rows ?? []).map((cells) => cells.cells.map(({ value }) => value)),
      })),
    })),
  };
}
