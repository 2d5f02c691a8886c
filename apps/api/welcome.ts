export interface WelcomeFacts {
  readonly url: string;
  readonly dataDir: string;
  readonly tokenFile: string;
  readonly token: string;
  readonly masterKeyFile: string;
}

/** What a newcomer needs on the first screen: where it is, where things are kept, and something to paste. */
export const welcome = ({ url, dataDir, tokenFile, token, masterKeyFile }: WelcomeFacts): string => `
Rapport listens on ${url}
  API to read and try    ${url}/docs
  Health, metrics        ${url}/health/ready   ${url}/metrics
  Data is kept in        ${dataDir}
  Master key             ${masterKeyFile} (outside the data folder; keep a copy apart)
  Access token           ${tokenFile}
                         ${token}

Record a first touch point, then look at the customer (paste into another terminal):

  TOKEN=$(cat ${quoted(tokenFile)})
  curl -s ${url}/v1/customers/email:ada@example.com/touch-points \\
    -H "Authorization: Bearer $TOKEN" -H "Idempotency-Key: first-call" -H "Content-Type: application/json" \\
    -d '{"direction":"in","kind":"call","subject":"asks about delivery","channel":"callCentre"}'
  curl -s ${url}/v1/customers/email:ada@example.com -H "Authorization: Bearer $TOKEN"

Stop with Ctrl-C.
`;

/** The same on servers, where output ends up in logs: it names the token's file, never the token. */
export const serverNotice = (url: string, tokenFile: string): string =>
  `api: listens on ${url}, documented at ${url}/docs; the owner's token is in ${tokenFile}\n`;

const quoted = (path: string): string =>
  /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
