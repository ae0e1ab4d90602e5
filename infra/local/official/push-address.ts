import { z } from "zod";
import { isRecord } from "../../../emulators/kit/json.ts";

/** A push as a subscription asks for it. */
const WantedPush = z.object({
  pushEndpoint: z.string().min(1),
  oidcToken: z
    .object({ serviceAccountEmail: z.string(), audience: z.string().exactOptional() })
    .exactOptional(),
});

/** A push as a subscription asks for it. */
export type WantedPush = z.output<typeof WantedPush>;

/**
 * JSON for Google's emulator, which pushes without the token that a subscription asks for: what is to be pushed goes to
 * an address below `door` that says what was asked for.
 */
export function leadPushes(json: unknown, door: string): unknown {
  return mapEndpoints(json, (config) => {
    const wanted = WantedPush.safeParse(config);
    return wanted.success
      ? `${door}/${Buffer.from(JSON.stringify(wanted.data)).toString("base64url")}`
      : null;
  });
}

/** JSON of Google's emulator as whoever asked for the pushes knows it. */
export function restorePushes(json: unknown, door: string): unknown {
  return mapEndpoints(json, ({ pushEndpoint }) =>
    typeof pushEndpoint === "string" && pushEndpoint.startsWith(`${door}/`)
      ? (readPush(pushEndpoint.slice(door.length + 1))?.pushEndpoint ?? null)
      : null,
  );
}

/** What the last part of such an address says; null for one that is none. */
export function readPush(written: string): WantedPush | null {
  try {
    return WantedPush.parse(JSON.parse(Buffer.from(written, "base64url").toString()));
  } catch {
    return null;
  }
}

/** The same JSON with other endpoints wherever pushes are configured; null leaves one as it is. */
function mapEndpoints(
  json: unknown,
  endpointOf: (config: Readonly<Record<string, unknown>>) => string | null,
): unknown {
  if (Array.isArray(json)) {
    return json.map((part: unknown) => mapEndpoints(part, endpointOf));
  }
  if (!isRecord(json)) {
    return json;
  }
  const endpoint = "pushEndpoint" in json ? endpointOf(json) : null;
  const mapped = Object.entries(json).map(([name, part]) => [name, mapEndpoints(part, endpointOf)]);
  return {
    ...Object.fromEntries(mapped),
    ...(endpoint === null ? {} : { pushEndpoint: endpoint }),
  };
}
