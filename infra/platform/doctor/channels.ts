import { warning, well } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** A channel that takes no notices. */
export type SilentChannel = {
  readonly channel: string;
  readonly since: string;
  readonly reason: string;
};

/** What is looked at of a service. */
export type ServiceChannels = { readonly id: string; readonly channels: readonly SilentChannel[] };

/** The channels that take no notices, of services and of the installation itself, with what they said. */
export function channelFindings(
  services: readonly ServiceChannels[],
  own: readonly SilentChannel[],
): readonly Finding[] {
  const found = [
    ...own.map((channel) =>
      silent("the installation", channel, "notices.channels in slipway.yaml"),
    ),
    ...services.flatMap(({ id, channels }) =>
      channels.map((channel) => silent(id, channel, "delivery.notify")),
    ),
  ];
  return found.length === 0
    ? [well("notices", `every channel of ${services.length} services takes notices`)]
    : found;
}

function silent(whose: string, { channel, since, reason }: SilentChannel, where: string): Finding {
  return warning(
    "notices",
    `nobody is told of ${whose} by ${channel} since ${since}: ${reason}`,
    `mend it, or name another channel under ${where}; docs/guides/notices.md`,
  );
}
