export type ServerName = 'eventstoredb' | 'kafka' | 'mongodb';

/** Where specs and apps read the address of each server. */
export const ADDRESS_VARIABLE: Readonly<Record<ServerName, string>> = {
  eventstoredb: 'EVENTSTOREDB_URL',
  kafka: 'KAFKA_BROKERS',
  mongodb: 'MONGODB_URL',
};

/** The address of a server a spec needs. Throws, naming the variable: a spec without its server fails, it never skips. */
export function addressOf(
  server: ServerName,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const address = environment[ADDRESS_VARIABLE[server]];
  if (!address)
    throw new Error(
      `${ADDRESS_VARIABLE[server]} is not set: run the spec with npm run test:int, or name a ${server} there`,
    );
  return address;
}
