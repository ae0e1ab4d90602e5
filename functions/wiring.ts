import type { ReadCaller } from "../shared/adapters/caller.ts";
import type { HandOver } from "../shared/adapters/pubsub-chat.ts";
import type { VerifySlack } from "../shared/adapters/slack-signature.ts";
import type { ChatConfig } from "../shared/wire/chat-config.ts";
import type { Config } from "../shared/config.ts";
import type { ChatRequests } from "../shared/ports/chat-requests.ts";
import type { Slack } from "../shared/ports/slack.ts";
import type { NoticePorts } from "../shared/app/notice-work.ts";
import type { DecidingPorts, Ports } from "../shared/ports/ports.ts";

/** What every function needs. */
export type Wiring<Outside extends DecidingPorts = Ports> = {
  readonly config: Config;
  readonly ports: Outside;
  /** Says who calls, by the Google ID tokens of a request. */
  readonly readCaller: ReadCaller;
};

/** What a function gets that people and the internet reach: it decides, and has nothing to act with. */
export type DecidingWiring = Wiring<DecidingPorts>;

/** What chat gets: it decides as well, and hears of people and answers them in Slack. */
export type ChatWiring = DecidingWiring & {
  readonly chat: {
    readonly config: ChatConfig;
    readonly verify: VerifySlack;
    readonly slack: Slack;
    readonly requests: ChatRequests;
    readonly handOver: HandOver;
  };
};
/** What the function gets that tells people: it cannot act on an environment either. */
export type NoticeWiring = Wiring<NoticePorts & Pick<Ports, "tally">>;

/** How functions get at their wiring: it is made when the first of a kind needs it. */
export type Wirings = {
  readonly acting: () => Promise<Wiring>;
  readonly deciding: () => Promise<DecidingWiring>;
  /** Null where chat is not set up. */
  readonly chat: () => Promise<ChatWiring | null>;
  readonly telling: () => Promise<NoticeWiring>;
};
