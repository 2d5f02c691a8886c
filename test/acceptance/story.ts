import { isoOf } from '@rapport/contracts';
import { defaultRuleBookDocument } from '@rapport/domain';
import type { Answer } from '../../apps/api/specs/api-under-test.js';
import { AGGREGATE_AREAS } from '../../apps/api/aggregates/aggregate.routes.js';
import { ROUTE_OF_COMMAND } from '../../apps/api/customer/customer-command.controllers.js';
import { DATA_EXPORT } from '../../apps/api/customer/privacy/privacy.routes.js';
import { CONSENT_DECISIONS } from '../../apps/api/customer/consent/consent.routes.js';
import { ENVELOPE, paramsOf, type CommandRoute } from '../../apps/api/http/command-route.js';
import { valueOf } from './cell-value.js';

/** The product as a story meets it: requests over its public HTTP interface. */
export interface ProductUnderAcceptance {
  readonly post: (url: string, body: unknown) => Promise<Answer>;
  readonly get: (url: string) => Promise<Answer>;
}

interface Person {
  /** How the story addresses them: a number of their own. */
  readonly customerNo: string;
  customerId?: string;
  /** Token of the latest write. */
  token?: string;
}

export interface Question {
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  /** Answered from the log: there is nothing to wait for. */
  readonly fromLog?: boolean;
}

/** A read that does not show what is expected is asked again for as long: what consumers do takes a moment. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 50;
let stories = 0;

/** What happens in one scenario: its people, its latest write and its latest question. */
export class Story {
  readonly nowMs = Date.now();
  private readonly number = ++stories;
  private readonly people = new Map<string, Person>();
  /** `order Ada` → id of the latest order; `event Ada` → id of the latest event. */
  private readonly latest = new Map<string, string>();
  private ids = 0;
  private write: Answer | undefined;
  private isExamined = true;
  private question: Question | undefined;
  /** Groups the story speaks of together: `contacted for spring` → names. */
  private readonly groups = new Map<string, string[]>();
  /** What the story changed for everybody, and how it is set right again, the latest last. */
  private readonly repairs: (() => Promise<unknown>)[] = [];

  constructor(private readonly product: ProductUnderAcceptance) {}

  /** A name of the story as an id nobody else has: `<Mia>` of a table. */
  idOf(name: string): string {
    return this.people.get(name)?.customerId ?? `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}-s${this.number}`;
  } // prettier-ignore

  /** A cell with every `<Name>` replaced by its id; also `<number of Ada>`, `<order of Ada>` and `<event of Ada>`, the latest ones. */
  named(cell: string): string {
    return cell.replaceAll(/<([^<>]+)>/g, (_, name: string) => {
      const [, of, who] = /^(number|order|event) of (.+)$/.exec(name) ?? [];
      if (of === 'number') return this.person(who!).customerNo;
      if (of) return this.latest.get(`${of} ${who}`) ?? `no-${of}`;
      return this.idOf(name);
    });
  }

  /** An id nobody else has. */
  newId(kind: string): string {
    return `${kind}-s${this.number}-${++this.ids}`;
  }

  private person(name: string): Person {
    let person = this.people.get(name);
    if (!person) this.people.set(name, (person = { customerNo: `${name.toUpperCase()}${this.number}` }));
    return person;
  }

  /** Identifier under which a person of the story is registered. */
  identifierOf(name: string): { type: 'customerNo'; value: string; sourceSystem: string } {
    return { type: 'customerNo', value: this.person(name).customerNo, sourceSystem: 'acceptance' };
  }

  private reference(name: string): string {
    const { customerId, customerNo } = this.person(name);
    return encodeURIComponent(customerId ?? `acceptance/customerNo:${customerNo}`);
  }

  /** Sends a command about a person. Cells are read by the schema of its fields. */
  async command(
    type: string,
    name: string | undefined,
    cells: Readonly<Record<string, string>>,
    options: { readonly atMs?: number | undefined; readonly dryRun?: boolean; readonly fields?: object } = {},
  ): Promise<void> {
    this.assertExamined();
    const area = AREA_OF_COMMAND.get(type);
    const route = area?.routes.find(({ command }) => command === type) ?? ROUTE_OF_COMMAND.get(type) ?? [DATA_EXPORT].find(({ command }) => command === type);
    if (!route) throw new Error(`there is no command ${type}`);
    if (!area && name === undefined) throw new Error(`${type} is about somebody`);
    const body: Record<string, unknown> = { ...options.fields };
    for (const [field, cell] of Object.entries(cells))
      body[field] = valueOf(this.named(cell), schemaOf(route, field), this.nowMs);
    const inPath = Object.fromEntries(
      paramsOf(route.path).map((field) => {
        const value = body[field];
        delete body[field];
        if (value === undefined) throw new Error(`${type} needs ${field}`);
        return [field, String(value)];
      }),
    );
    const decision = Object.entries(CONSENT_DECISIONS).find(([, one]) => one.command === type)?.[0];
    const path = route.path.replaceAll(/:(\w+)/g, (_, field: string) => encodeURIComponent(inPath[field]!));
    const collection = area ? `/v1/${area.collection}` : type === 'RegisterCustomer' ? '/v1/customers' : `/v1/customers/${this.reference(name!)}`;
    const url = path === '' ? collection : `${collection}/${path}`;
    const answer = await this.product.post(url, {
      ...body,
      ...(decision ? { decision } : {}),
      ...(options.dryRun ? { dryRun: true } : {}),
      ...(options.atMs === undefined ? {} : { occurredAt: isoOf(options.atMs) }),
    });
    if (typeof body['orderId'] === 'string') this.latest.set(`order ${name}`, body['orderId']);
    this.keep(answer, name);
    const restore = answer.status < 300 && !options.dryRun ? RESTORED_BY[type]?.(url, body) : undefined;
    if (restore) this.repairs.push(() => this.product.post(...restore));
  } // prettier-ignore

  /** Sends any other write. */
  async post(url: string, body: unknown, name?: string): Promise<void> {
    this.assertExamined();
    this.keep(await this.product.post(url, body), name);
  }

  /** Leaves rules and processes as the next story expects them; a process that was stopped already answers so. */
  async tidy(): Promise<void> {
    for (const repair of this.repairs.splice(0).reverse()) await repair();
  }

  /** Lets somebody belong to a group. */
  join(group: string, name: string): void {
    this.groups.set(group, [...this.groupOf(group), name]);
  }

  groupOf(group: string): readonly string[] {
    return this.groups.get(group) ?? [];
  }

  private keep(answer: Answer, name: string | undefined): void {
    this.write = answer;
    this.isExamined = answer.status < 300;
    if (name === undefined) return;
    const person = this.person(name);
    const { customerId, eventIds } = answer.body as { customerId?: string; eventIds?: readonly string[] };
    // Somebody who was merged keeps their own id.
    if (customerId) person.customerId ??= customerId;
    if (eventIds?.length) this.latest.set(`event ${name}`, eventIds.at(-1)!);
    const token = answer.headers['rapport-token'];
    if (token) person.token = token;
  }

  /** Answer to the latest write. A refusal that nobody looks at fails the scenario. */
  examined(): Answer {
    if (!this.write) throw new Error('nothing was asked for yet');
    this.isExamined = true;
    return this.write;
  }

  assertExamined(): void {
    if (this.isExamined) return;
    this.isExamined = true;
    throw new Error(`unexpected answer ${this.write!.status}: ${JSON.stringify(this.write!.body)}`);
  }

  ask(path: string, params: Readonly<Record<string, string>> = {}, { fromLog = false } = {}): void {
    this.assertExamined();
    this.question = { path, params, fromLog };
  }

  /** A question about one person. */
  askAbout(
    path: string,
    name: string,
    params: Readonly<Record<string, string>> = {},
    options?: { readonly fromLog?: boolean },
  ): void {
    const customerId = this.customerIdOf(name);
    this.ask(
      path.replace(':ref', customerId),
      path.includes(':ref') ? params : { customerId, ...params },
      options,
    );
  }

  /** Id of somebody who is a customer already. */
  customerIdOf(name: string): string {
    const { customerId } = this.person(name);
    if (!customerId) throw new Error(`${name} is not known yet`);
    return customerId;
  }

  /** Asks the latest question until `problems` finds none; fails with the ones that stay. Resolves with the answer. */
  async expectAnswer(problems: (answer: Answer) => readonly string[], status = 200): Promise<Answer> {
    this.assertExamined();
    if (!this.question) throw new Error('nothing was asked');
    const deadlineMs = Date.now() + PATIENCE_MS;
    for (;;) {
      const answer = await this.answerTo(this.question);
      const found = answer.status === status ? problems(answer) : [`answered ${answer.status}`];
      if (found.length === 0) return answer;
      if (Date.now() > deadlineMs)
        throw new Error(`${found.join('\n')}\nanswer: ${JSON.stringify(answer.body, null, 1)}`);
      await new Promise((resume) => setTimeout(resume, PAUSE_MS));
    }
  }

  /** The answer to a question in which every write of this story can be seen. */
  private async answerTo({ path, params, fromLog }: Question): Promise<Answer> {
    const tokens = fromLog
      ? []
      : [...new Set([...this.people.values()].flatMap(({ token }) => (token ? [token] : [])))];
    const query = (token: string | undefined): string =>
      new URLSearchParams({ ...params, ...(token ? { after: token } : {}) }).toString();
    let answer: Answer | undefined;
    // One after the other: each waits for its own part of the log.
    for (const token of tokens.length > 0 ? tokens : [undefined])
      answer = await this.product.get(`${path}?${query(token)}`);
    return answer!;
  }
}

/** Writes whose effect would outlive their story, and the write that sets it right again. */
const RESTORED_BY: Readonly<Record<string, (url: string, body: Readonly<Record<string, unknown>>) => readonly [url: string, body: object] | undefined>> = {
  StartProcess: (url) => [url.replace(/starts$/, 'stops'), { reasonCode: 'storyEnded' }],
  // Rules that are not in force yet harm nobody.
  PublishRuleBook: (url, { rules, effectiveFrom }) =>
    Date.parse(String(effectiveFrom)) > Date.now()
      ? undefined
      : [url, { rules: { ...defaultRuleBookDocument, version: `after-${String((rules as { version?: unknown }).version)}` } }],
}; // prettier-ignore

/** Kinds of aggregates besides the customer, by their commands. */
const AREA_OF_COMMAND = new Map(
  AGGREGATE_AREAS.flatMap((area) => area.routes.map(({ command }) => [command, area] as const)),
);

const schemaOf = (
  route: CommandRoute<string>,
  field: string,
): Readonly<Record<string, unknown>> | undefined =>
  (({ ...ENVELOPE, ...route.fields.properties }) as Record<string, Readonly<Record<string, unknown>>>)[field];
