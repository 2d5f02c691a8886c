import { assertSafeLinks, type Links } from './link-safety.js';

const SAFE: Links = {
  eventStoreDbUrl: 'esdb://rapport-api:p%40ss@es-1:2113,es-2:2113?tlsCAFile=/ca.crt',
  mongoDbUrl: 'mongodb://rapport-api:s3cret@db-1,db-2/rapport?replicaSet=rs0&tls=true&authSource=admin',
  kafka: { protocol: 'SASL_SSL', hasClientCertificate: false },
};
const PRODUCTION = { NODE_ENV: 'production' };

describe('Links to servers', () => {
  it.each<[string, Partial<Links>]>([
    ['encrypted, verified and with an account', {}],
    ['found by discovery', { eventStoreDbUrl: 'esdb+discover://a:b@cluster.example:2113?tls=true&tlsVerifyCert=true' }],
    ['by DNS, where TLS is on by itself', { mongoDbUrl: 'mongodb+srv://a:b@cluster.example/rapport' }],
    ['with a certificate in place of a password', { mongoDbUrl: 'mongodb://db/rapport?tls=true&authMechanism=MONGODB-X509', kafka: { protocol: 'SSL', hasClientCertificate: true } }],
    ['without Kafka', { kafka: undefined }],
  ])('are safe when %s', (_, links) => {
    expect(() => assertSafeLinks({ ...SAFE, ...links }, 'refused', PRODUCTION)).not.toThrow();
  }); // prettier-ignore

  it.each<[string, RegExp, Partial<Links>, object?]>([
    ['EventStoreDB without TLS', /^EVENTSTOREDB_URL turns TLS off/, { eventStoreDbUrl: 'esdb://a:b@es:2113?tls=false' }],
    ['EventStoreDB without TLS, spelled otherwise', /^EVENTSTOREDB_URL turns TLS off/, { eventStoreDbUrl: 'esdb://a:b@es:2113?tls=true&T_L-S=False' }],
    ['EventStoreDB unverified', /^EVENTSTOREDB_URL turns the check/, { eventStoreDbUrl: 'esdb://a:b@es:2113?tlsVerifyCert=false' }],
    ['EventStoreDB without an account', /^EVENTSTOREDB_URL names no account/, { eventStoreDbUrl: 'esdb://es:2113' }],
    ['EventStoreDB as it was born', /^EVENTSTOREDB_URL has the account/, { eventStoreDbUrl: 'esdb://admin:changeit@es:2113' }],
    ['EventStoreDB as it was born, encoded', /^EVENTSTOREDB_URL has the account/, { eventStoreDbUrl: 'esdb://ops:change%69t@es:2113' }],
    ['MongoDB without TLS', /^MONGODB_URL does not turn TLS on/, { mongoDbUrl: 'mongodb://a:b@db/rapport' }],
    ['MongoDB with TLS off again', /^MONGODB_URL does not turn TLS on/, { mongoDbUrl: 'mongodb+srv://a:b@db/rapport?tls=false' }],
    ['MongoDB unverified', /^MONGODB_URL turns the check/, { mongoDbUrl: 'mongodb://a:b@db/rapport?ssl=true&tlsAllowInvalidCertificates=true' }],
    ['MongoDB without an account', /^MONGODB_URL names no account/, { mongoDbUrl: 'mongodb://db/rapport?tls=true' }],
    ['Kafka without TLS', /^KAFKA_SECURITY is without TLS/, { kafka: { protocol: 'SASL_PLAINTEXT', hasClientCertificate: false } }],
    ['Kafka without an account', /^KAFKA_SECURITY is SSL without/, { kafka: { protocol: 'SSL', hasClientCertificate: false } }],
    ['a process that verifies nothing', /^NODE_TLS_REJECT_UNAUTHORIZED turns/, {}, { NODE_TLS_REJECT_UNAUTHORIZED: '0' }],
  ])('are refused for %s, naming the variable and no secret', (_, message, links, more = {}) => {
    const attempt = (): unknown => assertSafeLinks({ ...SAFE, ...links }, 'refused', { ...PRODUCTION, ...more });
    expect(attempt).toThrow(message);
    expect(attempt).not.toThrow(/s3cret|:b@/);
  }); // prettier-ignore

  it('may be open where the operator says so, but never with the password every server is born with', () => {
    const open: Links = {
      eventStoreDbUrl: 'esdb://es:2113?tls=false',
      mongoDbUrl: 'mongodb://db/rapport',
      kafka: { protocol: 'PLAINTEXT', hasClientCertificate: false },
    };
    expect(() => assertSafeLinks(open, 'allowed', PRODUCTION)).not.toThrow();
    const born = { ...open, eventStoreDbUrl: 'esdb://admin:changeit@es:2113?tls=false' };
    expect(() => assertSafeLinks(born, 'allowed', PRODUCTION)).toThrow(/^EVENTSTOREDB_URL has the account/);
    expect(() => assertSafeLinks(born, 'allowed', {})).not.toThrow();
    expect(() => assertSafeLinks(born, 'refused', {})).toThrow(/^EVENTSTOREDB_URL has the account/);
  });
});
