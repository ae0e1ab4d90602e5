import type { Category, Service } from "../service.ts";
import type { Notice, NoticeKind } from "./notice.ts";

/** Where people are told. */
export type Channel =
  /** A channel of Slack's by its name, such as `#alerts-web-prod`. */
  | { readonly kind: "slack"; readonly name: string }
  /** An address that takes events, and the id of the secret in Slipway's project by which they are signed. */
  | { readonly kind: "webhook"; readonly url: string; readonly secret: string }
  /** People by their addresses: all of them get the same mail. */
  | { readonly kind: "mail"; readonly to: readonly string[] }
  /** The repository that the service is built from, on GitHub. */
  | { readonly kind: "github" };

/** A way to tell people. */
export type ChannelKind = Channel["kind"];

/** The channels of one kind. */
export type ChannelOf<Kind extends ChannelKind> = Extract<Channel, { readonly kind: Kind }>;

/** Which notices go to a channel. */
export type NotifyRule = {
  readonly channel: Channel;
  /** Empty: of every kind. */
  readonly on: readonly NoticeKind[];
  /** The ids of environments. Empty: all, and what concerns the service as a whole. */
  readonly environments: readonly string[];
  /** Empty: all. */
  readonly categories: readonly Category[];
};

/** A channel with the rules that lead to it, and the key under which is kept what it was told. */
export type ChannelPlan = {
  readonly key: string;
  readonly channel: Channel;
  readonly rules: readonly NotifyRule[];
};

/** What an installation says of notices. */
export type InstallationNotices = {
  /** What a service has that says nothing of notices itself; a name may have `<service>` and `<environment>` in it. */
  readonly byDefault: readonly NotifyRule[];
  /** Where the installation itself is told, and what of all services. */
  readonly everywhere: readonly NotifyRule[];
};

/** The channel's name as people know it. An address may have a secret of its receiver's after the path: it is left out. */
export function channelName(channel: Channel): string {
  switch (channel.kind) {
    case "slack":
      return `slack ${channel.name}`;
    case "github":
      return "github";
    case "webhook":
      return `webhook ${channel.url.split(/[?#]/)[0]}`;
    case "mail":
      return `mail ${channel.to.join(", ")}`;
  }
}

/** How a channel is told from others. */
function identityOf(channel: Channel): string {
  return channel.kind === "webhook" ? `webhook ${channel.url}` : channelName(channel);
}

/** The channel that the Managed Services Platform gives each environment. */
export const PLATFORM_CHANNEL: NotifyRule = {
  channel: { kind: "slack", name: "#alerts-<service>-<environment>" },
  on: [],
  environments: [],
  categories: [],
};

/** The channels of a service, each once, with all rules that lead to it. */
export function channelsOf(
  service: Service,
  { byDefault, everywhere }: InstallationNotices,
): readonly ChannelPlan[] {
  const own = service.notify ?? byDefault.flatMap((rule) => filledIn(rule, service));
  return toPlans(service.id, [...own, ...everywhere]);
}

/** The channels that are told of what concerns no single service. */
export function channelsOfAll(
  chain: string,
  { everywhere }: InstallationNotices,
): readonly ChannelPlan[] {
  return toPlans(chain, everywhere);
}

function toPlans(chain: string, rules: readonly NotifyRule[]): readonly ChannelPlan[] {
  const byIdentity = Map.groupBy(rules, ({ channel }) => identityOf(channel));
  return [...byIdentity].flatMap(([identity, same]) => {
    const [first] = same;
    return first === undefined
      ? []
      : [{ key: `${chain} ${identity}`, channel: first.channel, rules: same }];
  });
}

/** A rule for all services becomes one of this service, or one of each of its environments where it names them. */
function filledIn(rule: NotifyRule, { id: service, environments }: Service): readonly NotifyRule[] {
  if (rule.channel.kind !== "slack") {
    return [rule];
  }
  const name = rule.channel.name.replaceAll("<service>", service);
  const named = (text: string): NotifyRule => ({ ...rule, channel: { kind: "slack", name: text } });
  return name.includes("<environment>")
    ? environments.map(({ id }) => ({
        ...named(name.replaceAll("<environment>", id)),
        environments: [id],
      }))
    : [named(name)];
}

/**
 * Whether a rule of the channel asks for the notice. A notice of the service as a whole goes to all its channels, and
 * one of no service to all that the installation has.
 */
export function isWanted(
  notice: Notice,
  service: Service | null,
  rules: readonly NotifyRule[],
): boolean {
  const place = service?.environments.find(({ id }) => id === notice.environment) ?? null;
  return (
    service === null ||
    // A channel that takes nothing is told of in all others, whatever they are for.
    notice.kind === "channel" ||
    rules.some(
      ({ on, environments, categories }) =>
        (on.length === 0 || on.includes(notice.kind)) &&
        (notice.environment === null ||
          ((environments.length === 0 || environments.includes(notice.environment)) &&
            (categories.length === 0 || (place !== null && categories.includes(place.category))))),
    )
  );
}
