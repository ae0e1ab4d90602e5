import { randomUUID } from "node:crypto";
import { sign } from "../../emulators/slack/request.ts";
import { chatFunction } from "../../functions/chat.ts";
import type { ChatWiring } from "../../functions/wiring.ts";
import { slackVerifier } from "../../shared/adapters/slack-signature.ts";
import type { SignedRequest } from "../../shared/adapters/slack-signature.ts";
import type { ChatRequestState } from "../../shared/ports/chat-requests.ts";
import type { Slack, SlackPerson } from "../../shared/ports/slack.ts";
import { z } from "zod";
import type { ApiWorld } from "./api-world.ts";
import { serveFunction } from "./function-server.ts";
import { deliveryOf } from "./image-event.ts";

const TEAM = "T0ACME";
const SECRET = "signing-secret";
const RESPONSE_URL = "https://hooks.slack.com/commands/T0ACME/1/abc";

/** What somebody was answered: its words, and its buttons by theirs. */
export type ChatAnswer = {
  readonly text: string;
  readonly buttons: readonly {
    readonly label: string;
    readonly id: string;
    readonly value: string;
  }[];
};

/** Chat on the ports of a world in memory, asked as Slack asks; what is handed over comes back at once. */
export type ChatWorld = {
  /** Gives a command as whoever has that id in Slack. */
  readonly ask: (user: string, text: string) => Promise<ChatAnswer>;
  /** Presses a button of an answer. */
  readonly press: (user: string, answer: ChatAnswer, label: string) => Promise<ChatAnswer>;
  readonly close: () => Promise<void>;
};

/** Somebody of the workspace with a confirmed address, unless it says otherwise. */
export function aSlackPerson(email: string | null, change: Partial<SlackPerson> = {}): SlackPerson {
  return {
    email,
    isEmailConfirmed: true,
    team: TEAM,
    organization: null,
    isBot: false,
    isDeleted: false,
    isGuest: false,
    isStranger: false,
    ...change,
  };
}

let count = 0;

/** Serves chat beside the API. `people`: who is in Slack, by their ids; `named`: addresses that the installation gives. */
export async function startChatWorld(
  api: ApiWorld,
  people: ReadonlyMap<string, SlackPerson>,
  named: ReadonlyMap<string, string> = new Map(),
): Promise<ChatWorld> {
  const { clock } = api.memory.ports;
  const said: object[] = [];
  const handed: SignedRequest[] = [];
  const wiring: ChatWiring = {
    ...api.wiring,
    chat: {
      config: { signingSecret: "signing", token: "token", team: TEAM, people: named },
      verify: slackVerifier({
        clock,
        secrets: { read: secret, readAnew: secret },
        secret: "signing",
      }),
      slack: memorySlack(people, said),
      requests: memoryRequests(),
      handOver: async (signed) => {
        handed.push(signed);
        return Promise.resolve();
      },
    },
  };
  count += 1;
  const server = await serveFunction(
    `chat-${count}`,
    chatFunction(async () => Promise.resolve(wiring)),
  );
  async function send(body: string): Promise<ChatAnswer> {
    const timestamp = String(Math.floor(clock.now() / 1000));
    const before = said.length;
    const headers = {
      "content-type": "application/x-www-form-urlencoded",
      "x-slack-request-timestamp": timestamp,
      "x-slack-signature": sign(SECRET, timestamp, body),
    };
    const answer = await fetch(server.url, { method: "POST", headers, body });
    const atOnce = await answer.text();
    const late = handed.shift();
    if (late === undefined) {
      return toAnswer(atOnce === "" ? (said.at(before) ?? {}) : JSON.parse(atOnce));
    }
    const json = { "content-type": "application/json" };
    const delivery = deliveryOf(randomUUID(), late);
    await fetch(server.url, { method: "POST", headers: json, body: delivery });
    return toAnswer(said.at(before) ?? {});
  }
  return {
    ask: async (user, text) => send(commandOf(user, text)),
    press: async (user, { buttons }, label) =>
      send(pressOf(user, buttons.find((button) => button.label === label) ?? NO_BUTTON)),
    close: server.close,
  };
}

const NO_BUTTON = { id: "none", value: "{}" };

async function secret(): Promise<string> {
  return Promise.resolve(SECRET);
}

function commandOf(user: string, text: string): string {
  return new URLSearchParams({
    command: "/slipway",
    text,
    team_id: TEAM,
    user_id: user,
    trigger_id: randomUUID(),
    response_url: RESPONSE_URL,
  }).toString();
}

function pressOf(user: string, button: { readonly id: string; readonly value: string }): string {
  const payload = {
    type: "block_actions",
    user: { id: user, team_id: TEAM },
    team: { id: TEAM },
    trigger_id: randomUUID(),
    response_url: RESPONSE_URL,
    actions: [{ type: "button", action_id: button.id, value: button.value }],
  };
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}

function memorySlack(people: ReadonlyMap<string, SlackPerson>, said: object[]): Slack {
  return {
    person: async (id) => Promise.resolve(people.get(id) ?? null),
    idOf: async (email) => {
      const found = [...people].find(([, person]) => person.email === email);
      return Promise.resolve(found?.[0] ?? null);
    },
    openModal: async (_, view) => {
      said.push(view);
      return Promise.resolve();
    },
    respond: async (_, message) => {
      said.push(message);
      return Promise.resolve();
    },
  };
}

function memoryRequests(): ChatWiring["chat"]["requests"] {
  const taken = new Map<string, ChatRequestState>();
  return {
    take: async (key) => {
      const state = taken.get(key) ?? "new";
      taken.set(key, "under-way");
      return Promise.resolve(state);
    },
    finish: async (key) => {
      taken.set(key, "done");
      return Promise.resolve();
    },
  };
}

const Text = z.object({ text: z.string() });
const Message = z.object({
  text: z.string().optional(),
  title: Text.optional(),
  blocks: z
    .array(
      z.object({
        text: Text.optional(),
        elements: z
          .array(z.object({ action_id: z.string(), value: z.string().default(""), text: Text }))
          .optional(),
      }),
    )
    .optional()
    .catch([]),
});

/** What a message shows; of a modal its title. */
function toAnswer(message: unknown): ChatAnswer {
  const { text = "", title, blocks = [] } = Message.parse(message);
  const sections = blocks.flatMap((block) => block.text?.text ?? []);
  const shown = sections.length === 0 ? text : sections.join("\n");
  return {
    text: title === undefined ? shown : `modal: ${title.text}`,
    buttons: blocks
      .flatMap(({ elements = [] }) => elements)
      .map(({ action_id: id, value, text: label }) => ({ id, value, label: label.text })),
  };
}
