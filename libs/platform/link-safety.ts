import { ConfigError } from './config.error.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether a process may talk to its servers without encryption, verification or an account. */
export const LINK_POLICIES = ['refused', 'allowed'] as const;
export type LinkPolicy = (typeof LINK_POLICIES)[number];

/** What stands in a URL of a server; option names as its driver compares them. */
interface ServerUrl {
  readonly scheme: string;
  readonly user: string;
  readonly password: string;
  readonly options: readonly (readonly [string, string])[];
}

/** The servers' names for their first accounts; every attacker knows their passwords. */
const DEFAULT_ACCOUNTS: ReadonlySet<string> = new Set(['admin:changeit', 'ops:changeit']);
const isDefaultAccount = ({ user, password }: ServerUrl): boolean =>
  DEFAULT_ACCOUNTS.has(`${user.toLowerCase()}:${password}`);

function partsOf(url: string): ServerUrl {
  const [, scheme = '', rest = ''] = /^([a-z+]+):\/\/(.*)$/s.exec(url.trim()) ?? [];
  const [beforeOptions = '', ...options] = rest.split('?');
  const authority = beforeOptions.split('/')[0]!;
  const account = authority.includes('@') ? authority.slice(0, authority.lastIndexOf('@')) : '';
  const [user = '', ...password] = account.split(':');
  return {
    scheme,
    user: decoded(user),
    password: decoded(password.join(':')),
    options: options
      .join('?')
      .split('&')
      .map((pair) => {
        const [name = '', ...value] = pair.split('=');
        return [name.trim().toLowerCase().replaceAll(/[_-]/g, ''), value.join('=').trim().toLowerCase()];
      }),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const has = ({ options }: ServerUrl, name: string, value?: string): boolean =>
  options.some(([option, given]) => option === name && (value === undefined || given === value));
/** Whether an option is absent or `true`, however often it is said. */
const neverOff = ({ options }: ServerUrl, name: string): boolean =>
  options.every(([option, given]) => option !== name || given === 'true');

/** What makes the link to EventStoreDB unsafe; undefined when nothing does. Its driver encrypts and verifies by default. */
function dangerOfEventStoreDb(url: ServerUrl): string | undefined {
  if (!neverOff(url, 'tls')) return 'turns TLS off';
  if (!neverOff(url, 'tlsverifycert')) return 'turns the check of certificates off';
  if (url.user === '' && !has(url, 'usercertfile')) return 'names no account';
  return undefined;
}

const MONGODB_UNCHECKED = ['tlsinsecure', 'tlsallowinvalidcertificates', 'tlsallowinvalidhostnames'];
/** Ways to prove who one is to MongoDB without a name in the URL. */
const MONGODB_NAMELESS = ['mongodb-x509', 'mongodb-aws', 'mongodb-oidc'];

/** What makes the link to MongoDB unsafe; undefined when nothing does. */
function dangerOfMongoDb(url: ServerUrl): string | undefined {
  const isOn = url.scheme === 'mongodb+srv' || has(url, 'tls', 'true') || has(url, 'ssl', 'true');
  if (!isOn || !neverOff(url, 'tls') || !neverOff(url, 'ssl')) return 'does not turn TLS on (tls=true)';
  if (MONGODB_UNCHECKED.some((option) => has(url, option, 'true')))
    return 'turns the check of certificates off';
  if (url.user === '' && !MONGODB_NAMELESS.some((mechanism) => has(url, 'authmechanism', mechanism)))
    return 'names no account';
  return undefined;
}

/** What a process is about to connect to. */
export interface Links {
  readonly eventStoreDbUrl: string;
  readonly mongoDbUrl: string;
  /** Absent: the process does not talk to Kafka. */
  readonly kafka?: {
    readonly protocol: string;
    readonly hasClientCertificate: boolean;
  };
}

/**
 * Throws ConfigError when a link would be readable, could be somebody else's, or proves no identity, and such links are
 * refused. The accounts that servers are born with are never accepted in production, whatever else is allowed.
 */
export function assertSafeLinks(links: Links, policy: LinkPolicy, environment: Environment): void {
  const eventStoreDb = partsOf(links.eventStoreDbUrl);
  const mongoDb = partsOf(links.mongoDbUrl);
  if (policy === 'refused' || isProduction(environment))
    for (const [name, url] of [['EVENTSTOREDB_URL', eventStoreDb], ['MONGODB_URL', mongoDb]] as const)
      if (isDefaultAccount(url)) throw new ConfigError(`${name} has the account and password that the server is born with: make one of your own`); // prettier-ignore
  if (policy === 'allowed') return;
  const refuse = (name: string, why: string): never => {
    throw new ConfigError(`${name} ${why}: refused in production (RAPPORT_INSECURE_LINKS=allowed on a private network)`); // prettier-ignore
  };
  if (environment.NODE_TLS_REJECT_UNAUTHORIZED === '0')
    refuse('NODE_TLS_REJECT_UNAUTHORIZED', 'turns the check of certificates off');
  const store = dangerOfEventStoreDb(eventStoreDb);
  if (store) refuse('EVENTSTOREDB_URL', store);
  const documents = dangerOfMongoDb(mongoDb);
  if (documents) refuse('MONGODB_URL', documents);
  if (!links.kafka) return;
  const { protocol, hasClientCertificate } = links.kafka;
  if (!protocol.endsWith('SSL')) refuse('KAFKA_SECURITY', 'is without TLS');
  if (!protocol.startsWith('SASL') && !hasClientCertificate)
    refuse('KAFKA_SECURITY', 'is SSL without KAFKA_CERT_FILE, so that no account is named');
}

export const isProduction = (environment: Environment): boolean => environment.NODE_ENV === 'production';
