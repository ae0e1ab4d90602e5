import type { WebClient } from "@slack/web-api";
import { duration } from "../domain/time.ts";
import type { Clock } from "../ports/clock.ts";
import type { Answer, Messenger, NoticeMessage } from "../ports/notices.ts";
import { slackAnswer } from "./slack-answers.ts";
import { firstMessage, reply } from "./slack-notice.ts";
import type { Mention, SlackContent } from "./slack-notice.ts";
import { slackNaming } from "./slack-people.ts";
import type { Naming } from "./slack-people.ts";

/** How long Slack may take for one call, in milliseconds. */
const CALL_MAX_MS = 6000;

/** The kind of what is told, beside the notice's id, in the metadata of each message. */
const EVENT_TYPE = "slipway_notice";

/** What it takes to reach Slack. */
export type SlackOptions = {
  /** The address of the Web API, such as `http://127.0.0.1:8494/api/`; null for Slack's own. */
  readonly endpoint: string | null;
  /** The bot's token; null where there is none. @throws TransientError or PermanentError */
  readonly token: () => Promise<string | null>;
  readonly clock: Clock;
};

/**
 * Tells channels of Slack's: one conversation for each promotion, whose first message is kept as it stands now. Slack
 * takes no key with a message, so after a crash one may come again; the notice's id is in its metadata.
 * Sources: https://docs.slack.dev/reference/methods/chat.postMessage, https://docs.slack.dev/reference/methods/chat.update
 */
export function slackMessenger({ endpoint, token, clock }: SlackOptions): Messenger<"slack"> {
  const naming = slackNaming(clock);
  const made: { token: string; client: WebClient | null } = { token: "", client: null };
  async function clientOf(current: string): Promise<WebClient> {
    if (made.client === null || made.token !== current) {
      const { LogLevel, WebClient: Client } = await import("@slack/web-api");
      made.token = current;
      made.client = new Client(current, {
        ...(endpoint === null ? {} : { slackApiUrl: endpoint }),
        allowAbsoluteUrls: false,
        retryConfig: { retries: 0 },
        rejectRateLimitedCalls: true,
        timeout: CALL_MAX_MS,
        // It writes what goes wrong to the console; we say so ourselves.
        logLevel: LogLevel.ERROR,
      });
    }
    return made.client;
  }
  return {
    can: { keepsCurrent: true, knowsRepeats: false, namesCommits: false },
    tell: async ({ name }, message) => {
      const current = (await token()) ?? "";
      if (current === "") {
        return { kind: "later", reason: NO_TOKEN, wait: null, thread: message.thread };
      }
      const client = await clientOf(current);
      const mention = await mentions(client, naming, message);
      return tell({ client, name, mention }, message);
    },
  };
}

const NO_TOKEN = "there is no token for Slack: put one into the secret that the installation names";

async function mentions(
  client: WebClient,
  naming: Naming,
  { card }: NoticeMessage,
): Promise<Mention> {
  const people = card === null ? [] : [...card.asked, card.requestedBy];
  const names = new Map<string, string>();
  for (const principal of new Set(people)) {
    names.set(principal, await naming(client, principal));
  }
  return (principal) => names.get(principal) ?? principal;
}

type Place = { readonly client: WebClient; readonly name: string; readonly mention: Mention };

/** What a channel calls its messages: the channel's own id, without which none can be changed, and the message's. */
type Posted = { readonly channel: string; readonly ts: string };

async function tell(place: Place, message: NoticeMessage): Promise<Answer> {
  const before = readPosted(message.thread);
  if (before !== null && !isSpoken(message) && message.isFollowed) {
    return { kind: "told", thread: message.thread };
  }
  const first = await keepFirst(place, message, before);
  return first.kind === "told" && isSaidToo(message)
    ? sayAfter(place, message, first.thread)
    : first;
}

/** What was begun is kept, also where the rest has to come later. */
async function sayAfter(
  place: Place,
  message: NoticeMessage,
  thread: string | null,
): Promise<Answer> {
  const said = await say(place, message, readPosted(thread));
  return said.kind === "told" || said.kind === "later" ? { ...said, thread } : said;
}

/** A first message says it all, but a broken glass must be heard. */
function isSaidToo(message: NoticeMessage): boolean {
  return message.thread === null ? message.notice.kind === "break-glass" : isSpoken(message);
}

/** Whether the notice is said in the conversation as well: nobody hears of a message that was changed. */
function isSpoken({ notice, card }: NoticeMessage): boolean {
  const isAsking = notice.kind === "waiting" && (card?.asked.length ?? 0) > 0;
  return notice.isPressing || isAsking || card === null;
}

/** Posts the first message, or brings it up to date; one that somebody deleted is posted anew. */
async function keepFirst(
  place: Place,
  message: NoticeMessage,
  before: Posted | null,
): Promise<Answer> {
  const content = firstMessage({ ...message, thread: null }, place.mention);
  if (before === null) {
    return post(place, message, { content, to: null });
  }
  if (message.card === null) {
    return { kind: "told", thread: message.thread };
  }
  try {
    await place.client.chat.update({ ...before, ...content });
    return { kind: "told", thread: message.thread };
  } catch (error) {
    const answer = await slackAnswer(error, place.name, message.thread);
    return answer === "gone" ? post(place, message, { content, to: null }) : answer;
  }
}

async function say(place: Place, message: NoticeMessage, to: Posted | null): Promise<Answer> {
  return post(place, message, { content: reply(message, place.mention), to });
}

type Posting = { readonly content: SlackContent; readonly to: Posted | null };

async function post(
  { client, name }: Place,
  { notice, thread }: NoticeMessage,
  { content, to }: Posting,
): Promise<Answer> {
  const about = {
    ...content,
    unfurl_links: false,
    metadata: { event_type: EVENT_TYPE, event_payload: { id: notice.id } },
  };
  try {
    const message = to === null ? { ...about, channel: name } : inThread(about, to, notice);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- Slack's method, not the window's
    const { channel = "", ts = "" } = await client.chat.postMessage(message);
    return { kind: "told", thread: `${channel} ${ts}` };
  } catch (error) {
    const answer = await slackAnswer(error, name, thread);
    return answer === "gone"
      ? { kind: "later", reason: `Slack: ${name} is gone`, wait: duration(0), thread: null }
      : answer;
  }
}

/** A broken glass is told to the channel as well as in its conversation. */
function inThread<About extends SlackContent>(
  about: About,
  { channel, ts }: Posted,
  { kind }: NoticeMessage["notice"],
): About & ({ channel: string; thread_ts: string } | Loud) {
  const place = { ...about, channel, thread_ts: ts };
  return kind === "break-glass" ? { ...place, reply_broadcast: true } : place;
}

type Loud = {
  readonly channel: string;
  readonly thread_ts: string;
  readonly reply_broadcast: true;
};

function readPosted(thread: string | null): Posted | null {
  const [channel = "", ts = ""] = (thread ?? "").split(" ");
  return channel === "" || ts === "" ? null : { channel, ts };
}
