import type { Message, SlackUser } from "../../emulators/slack/state.ts";
import type { RunningSlack } from "../../emulators/slack/server.ts";
import { LOCAL_PEOPLE } from "../../infra/local/settings.ts";
import type { LocalRole } from "../../infra/local/settings.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { until } from "../support/until.ts";

/** The channel that everybody writes in. */
export const CHANNEL = "general";

/** What somebody sees of an answer: its text with all its blocks, and its buttons by their words. */
export type Answer = {
  readonly ts: string;
  readonly text: string;
  readonly buttons: readonly string[];
};

/** Slack in a local cloud, as people use it. */
export type Chat = {
  readonly slack: RunningSlack;
  readonly idOf: (role: LocalRole) => string;
  /** Gives a command and waits for the answer to it. */
  readonly ask: (user: string, text: string) => Promise<Answer>;
  /** Presses a button of a message and waits for the next answer, or for what takes the message's place. */
  readonly press: (user: string, message: Pick<Answer, "ts">, button: string) => Promise<Answer>;
  /** Fills in the modal that is open and waits for the answer. */
  readonly sayWhy: (user: string, reason: string) => Promise<Answer>;
  /** What somebody sees, oldest first. */
  readonly seen: (user: string) => readonly Answer[];
};

/** Looks at the workspace of a local cloud. */
export function chatIn(world: LocalWorld): Chat {
  const { slack } = world.cloud.emulators;
  const seen = (user: string): readonly Answer[] => slack.messages(CHANNEL, user).map(toAnswer);
  const stamps = (user: string): ReadonlySet<string> =>
    new Set(slack.messages(CHANNEL, user).map(stampOf));
  async function next(user: string, before: ReadonlySet<string>): Promise<Answer> {
    const fresh = await until(
      "there is an answer",
      async () => slack.messages(CHANNEL, user).filter((one) => !before.has(stampOf(one))),
      (messages) => messages.length > 0,
    );
    return toAnswer(fresh[0] ?? fail());
  }
  return {
    slack,
    seen,
    idOf: (role) => `U0${(LOCAL_PEOPLE[role].split("@")[0] ?? "").toUpperCase()}`,
    ask: async (user, text) => {
      const before = stamps(user);
      await slack.command({ user, channel: CHANNEL, text });
      return next(user, before);
    },
    press: async (user, { ts }, button) => {
      const before = stamps(user);
      const message = slack.messages(CHANNEL, user).find((one) => one.ts === ts) ?? fail();
      await slack.press({ user, channel: CHANNEL, ts, actionId: actionOf(message, button) });
      return next(user, before);
    },
    sayWhy: async (user, reason) => {
      const before = stamps(user);
      const view = await until(
        "a modal is open",
        async () => slack.viewOf(user),
        (one) => one !== null,
      );
      await slack.submit({ user, view: view?.id ?? "", values: { reason } });
      return next(user, before);
    },
  };
}

function fail(): never {
  throw new Error("there is no such message");
}

function stampOf({ ts, editedTs }: Message): string {
  return `${ts} ${editedTs ?? ""}`;
}

function actionOf({ blocks }: Message, words: string): string {
  const buttons = blocks.flatMap((block) => (block.type === "actions" ? block.elements : []));
  return buttons.find(({ text }) => text.text === words)?.action_id ?? "";
}

function toAnswer({ ts, text, blocks }: Message): Answer {
  const texts = blocks.flatMap((block) => (block.type === "section" ? [block.text.text] : []));
  const buttons = blocks.flatMap((block) => (block.type === "actions" ? block.elements : []));
  return {
    ts,
    text: texts.length === 0 ? text : texts.join("\n"),
    buttons: buttons.map((button) => button.text.text),
  };
}

/** Somebody of the workspace whom nobody at Slipway knows. */
export const STRANGER: SlackUser = {
  id: "U0STRANGER",
  name: "stranger",
  real_name: "Stranger",
  profile: { email: "stranger@example.org" },
};
