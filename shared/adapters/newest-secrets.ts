import type { Clock } from "../ports/clock.ts";
import type { Secrets } from "../ports/secrets.ts";
import type { GrpcEndpoint } from "./grpc-endpoint.ts";
import { secretReader } from "./secret-reader.ts";

/** How soon a secret is read anew again, however often somebody claims that it has changed, in milliseconds. */
const READ_ANEW_MS = 5000;

const NEWEST = "latest";

/** The newest version of secrets, by their full names. */
export function newestSecrets(options: {
  readonly endpoint: GrpcEndpoint;
  readonly clock: Clock;
}): Secrets {
  const kept = secretReader(options);
  const anew = secretReader({ ...options, freshMs: READ_ANEW_MS });
  return {
    read: async (name) => kept(name, NEWEST),
    readAnew: async (name) => anew(name, NEWEST),
  };
}
