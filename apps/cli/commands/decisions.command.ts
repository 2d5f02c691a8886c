import type { Command } from 'commander';
import type { CommandHost } from '../cli.js';
import { shown, wordsOf } from '../pages/words.js';
import { tableLines } from '../terminal/table.js';
import { wholeNumber } from './arguments.js';
import {
  customerPath,
  freshness,
  readQuery,
  readRows,
  withReadFlags,
  type ReadFlags,
} from './read-options.js';

/** Row of `GET /v1/customers/{ref}/decisions`. */
interface Decision {
  readonly eventId: string;
  readonly type: string;
  readonly ruleBookVersion: string;
  readonly occurredAt: string;
  readonly outcome: Readonly<Record<string, unknown>>;
}

interface Answered {
  readonly rule: string;
  readonly met: boolean;
  readonly thresholds?: Readonly<Record<string, unknown>>;
  readonly evidence?: readonly string[];
  readonly parts?: readonly Answered[];
}

/** `GET /v1/customers/{ref}/decisions/{eventId}`. */
interface Explained extends Omit<Decision, 'outcome'> {
  readonly ruleBook: { readonly author: string; readonly effectiveFrom: string } | null;
  readonly rules: readonly { readonly name: string; readonly sentence: string; readonly answer: Answered }[];
}

/** Adds `rapport decisions` and `rapport explain`. */
export function registerDecisions(program: Command, host: CommandHost): void {
  withReadFlags(
    program
      .command('decisions')
      .description('what was decided about a customer, and by which version of the rules')
      .argument('<customer>', 'customer id or identifier: email:ada@example.com, shop/customerNo:42')
      .option('--rules <version>', 'only what this version decided')
      .option('--type <type>', 'only decisions of this type: RelationshipStageMoved, OfferSuppressed …')
      .option('--limit <n>', 'lines at most', wholeNumber(1, 100_000), 50),
  )
    .addHelpText('after', '\nExample:\n  rapport decisions email:ada@example.com --rules default-1')
    .action(
      (customer: string, flags: ReadFlags & { rules?: string; type?: string; limit: number }, command: Command) =>
        host.action(command, async (context) => {
          const query = { ...readQuery(flags), ruleBookVersion: flags.rules, type: flags.type };
          const { rows, meta, more } = await host.withServer(context, (client) =>
            readRows<Decision>(client, customerPath(customer, '/decisions'), query, flags.limit),
          );
          const { terminal, options } = context;
          if (options.json) return terminal.out(JSON.stringify({ rows, meta }));
          const lines = tableLines(
            [{ title: 'when' }, { title: 'rules' }, { title: 'what' }, { title: 'outcome' }, { title: 'decision' }],
            rows.map(({ occurredAt, ruleBookVersion, type, outcome, eventId }) => [
              occurredAt.slice(0, 16).replace('T', ' '),
              ruleBookVersion,
              wordsOf(type),
              Object.entries(outcome)
                .map(([name, value]) => `${name} ${shown(value)}`)
                .join(' · '),
              eventId,
            ]),
          );
          for (const line of lines) terminal.out(line);
          if (rows.length === 0) terminal.out('nothing was decided by rules');
          if (!options.quiet) terminal.err(`${more ? 'more with --limit · ' : ''}${freshness(meta)}`);
        }),
    ); // prettier-ignore
  program
    .command('explain')
    .description('why a decision was made: the rules of the version it cites, each answered as then')
    .argument('<customer>', 'customer id or identifier')
    .argument('<decision>', 'id of the decision, as `rapport decisions` lists it')
    .addHelpText(
      'after',
      '\nExample:\n  rapport explain email:ada@example.com 3f2b8a34-7c35-5c4e-9b52-2a43c9f0d111',
    ) // prettier-ignore
    .action((customer: string, decision: string, _flags: object, command: Command) =>
      host.action(command, async (context) => {
        const { data } = await host.withServer(context, (client) =>
          client.get<Explained>(customerPath(customer, `/decisions/${encodeURIComponent(decision)}`)),
        );
        const { terminal, options } = context;
        if (options.json) return terminal.out(JSON.stringify(data));
        terminal.out(
          `${wordsOf(data.type)} at ${data.occurredAt}, decided by the rules ${data.ruleBookVersion}` +
            (data.ruleBook === null ? '' : ` (${data.ruleBook.author})`),
        );
        for (const { name, sentence, answer } of data.rules) {
          terminal.out(`${name}: ${sentence}`);
          for (const line of answerLines(answer, 1)) terminal.out(line);
        }
        if (data.rules.length === 0) terminal.out('no rule had to be met');
      }),
    );
}

function answerLines({ rule, met, thresholds, evidence, parts }: Answered, depth: number): string[] {
  const limits = Object.entries(thresholds ?? {}).map(([name, value]) => `${name} ${shown(value)}`);
  const shownBy = (evidence ?? []).length === 0 ? '' : `, shown by ${evidence!.join(', ')}`;
  const own = `${'  '.repeat(depth)}${met ? 'yes' : 'no '} ${rule}${limits.length === 0 ? '' : ` (${limits.join(', ')})`}${shownBy}`;
  return [own, ...(parts ?? []).flatMap((part) => answerLines(part, depth + 1))];
}
