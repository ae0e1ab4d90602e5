import type { AlertStrategy, StoredPolicy } from "./resources.ts";

type Change = (names: readonly string[]) => readonly string[];
type ChannelStrategy = NonNullable<AlertStrategy["notificationChannelStrategy"]>[number];

/** A policy with every list of channels in it changed in the same way. */
export function withChannels(policy: StoredPolicy, change: Change): StoredPolicy {
  const { alertStrategy, notificationChannels } = policy;
  const strategies = alertStrategy?.notificationChannelStrategy;
  return {
    ...policy,
    notificationChannels: change(notificationChannels ?? []),
    ...(strategies === undefined
      ? {}
      : {
          alertStrategy: {
            ...alertStrategy,
            notificationChannelStrategy: strategies.map((one) => withNames(one, change)),
          },
        }),
  };
}

function withNames(strategy: ChannelStrategy, change: Change): ChannelStrategy {
  return {
    ...strategy,
    notificationChannelNames: change(strategy.notificationChannelNames ?? []),
  };
}
