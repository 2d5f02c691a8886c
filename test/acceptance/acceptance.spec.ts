import { readFeatures } from './feature-files.js';
import { startProduct, type StartedProduct } from './product-under-acceptance.js';
import { EVERY_STEP } from './steps/every-step.js';
import { Story } from './story.js';

const features = readFeatures();

/** Servers are started and every read model is filled for the first time. */
const START_LIMIT_MS = 300_000;
const SCENARIO_LIMIT_MS = 60_000;

describe('The requirements', () => {
  let product: StartedProduct;
  beforeAll(async () => {
    product = await startProduct();
  }, START_LIMIT_MS);
  afterAll(() => product?.stop(), START_LIMIT_MS);

  for (const feature of features)
    describe(`${feature.row} ${feature.name}`, () => {
      it.each(feature.scenarios.map((scenario) => [scenario.name, scenario] as const))(
        '%s',
        async (_, scenario) => {
          const { api } = product;
          const story = new Story({
            post: (url, body) => api.post(url, body),
            get: (url) => api.get(url),
          });
          try {
            for (const step of scenario.steps) {
              try {
                await EVERY_STEP.run(story, step);
                if (step.isContext) story.assertExamined();
              } catch (error) {
                throw new Error(`${step.keyword} ${step.text}\n${(error as Error).message}`, {
                  cause: error,
                });
              }
            }
            story.assertExamined();
          } finally {
            await story.tidy();
          }
        },
        SCENARIO_LIMIT_MS,
      );
    });
});
