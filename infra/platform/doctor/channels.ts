import { warning, well } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** What is looked at of a service. */
export type ServiceChannels = {
  readonly id: string;
  readonly channels: readonly {
    readonly channel: string;
    readonly since: string;
    readonly reason: string;
  }[];
};

/** The channels that take no notices, with what they said. */
export function channelFindings(services: readonly ServiceChannels[]): readonly Finding[] {
  const found = services.flatMap(({ id, channels }) =>
    channels.map(({ channel, since, reason }) =>
      warning(
        "notices",
        `nobody is told of ${id} by ${channel} since ${since}: ${reason}`,
        "mend it, or name another channel under delivery.notify; docs/guides/notices.md",
      ),
    ),
  );
  return found.length === 0
    ? [well("notices", `every channel of ${services.length} services takes notices`)]
    : found;
}
