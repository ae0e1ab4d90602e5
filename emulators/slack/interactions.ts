import { isRecord } from "../kit/json.ts";
import { answerWith, SlackError } from "./methods.ts";
import { type App, type AppAnswer, sendToApp } from "./request.ts";
import {
  APP,
  findChannel,
  findMessage,
  type Message,
  newHook,
  newTrigger,
  type OpenView,
  type Workspace,
  write,
} from "./state.ts";

/** What a person does, which the app is told of; a channel is meant by its id or its name. */
export type Interactions = {
  /** Gives the app's command. */
  readonly command: (input: {
    readonly user: string;
    readonly channel: string;
    readonly text: string;
  }) => Promise<AppAnswer>;
  /** Presses a button. @throws SlackError where there is no such button for that person. */
  readonly press: (input: {
    readonly user: string;
    readonly channel: string;
    readonly ts: string;
    readonly actionId: string;
  }) => Promise<AppAnswer>;
  /** Sends what was written into a view, by block. @throws SlackError where there is no such view before that person. */
  readonly submit: (input: {
    readonly user: string;
    readonly view: string;
    readonly values: Readonly<Record<string, string>>;
  }) => Promise<AppAnswer>;
};

/** The app's command. */
export const COMMAND = "/slipway";

/** The interactions of a workspace with an app. */
export function interactionsOf(workspace: Workspace, app: App): Interactions {
  const { state, clock } = workspace;
  return {
    command: async (input) => command(workspace, app, input),
    // Source: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
    press: async ({ user, ts, actionId, ...input }) => {
      const { id, name } = known(findChannel(workspace, input.channel), "channel_not_found");
      const message = known(findMessage(state, id, ts), "message_not_found");
      const isSeen = message.onlyFor === null || message.onlyFor === user;
      const action = known(isSeen ? actionOf(message, actionId) : undefined, "message_not_found");
      const hook = { channel: id, user, messageTs: ts };
      const answer = await sendPayload(workspace, app, {
        ...frame(workspace, user),
        type: "block_actions",
        channel: { id, name },
        response_url: newHook(workspace, "actions", hook),
        actions: [{ ...action, action_ts: String(clock.now() / 1000) }],
      });
      if (answer.problem !== null) {
        tell(workspace, hook, `The button had no effect (${answer.problem}).`);
      }
      return answer;
    },
    // Source: https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
    submit: async ({ user, view: asked, values }) => {
      const found = state.views.get(asked);
      const open = known(found?.user === user ? found : undefined, "not_found");
      const { id, view } = open;
      const answer = await sendPayload(workspace, app, {
        ...frame(workspace, user),
        type: "view_submission",
        view: { ...view, id, state: { values: valuesOf(open, values) } },
        response_urls: [],
      });
      // The view stays open where the app finds fault with a field.
      const errors = errorsOf(answer);
      if (Object.keys(errors).length > 0) {
        state.views.set(id, { ...open, errors });
      } else {
        state.views.delete(id);
      }
      return answer;
    },
  };
}

/** Sends a slash command. Source: https://docs.slack.dev/interactivity/implementing-slash-commands */
async function command(
  workspace: Workspace,
  app: App,
  input: Parameters<Interactions["command"]>[0],
): Promise<AppAnswer> {
  const { state, clock, team } = workspace;
  const user = known(state.people.get(input.user), "user_not_found");
  const channel = known(findChannel(workspace, input.channel), "channel_not_found");
  const hook = { channel: channel.id, user: user.id, messageTs: null };
  const answer = await sendToApp(app, clock, {
    team_id: user.team_id ?? team,
    team_domain: APP.domain,
    channel_id: channel.id,
    channel_name: channel.name,
    user_id: user.id,
    user_name: user.name,
    command: COMMAND,
    text: input.text,
    response_url: newHook(workspace, "commands", hook),
    trigger_id: newTrigger(workspace, user.id),
  });
  const { problem, body } = answer;
  if (problem !== null) {
    tell(workspace, hook, `${COMMAND} failed with the error "${problem}"`);
  } else if (body !== null) {
    answerWith(workspace, hook, body);
  }
  return answer;
}

async function sendPayload({ clock }: Workspace, app: App, payload: object): Promise<AppAnswer> {
  return sendToApp(app, clock, { payload: JSON.stringify(payload) });
}

function errorsOf({ problem, body }: AppAnswer): Readonly<Record<string, string>> {
  if (problem !== null) {
    return { "": "We had some trouble connecting. Try again?" };
  }
  const errors = body?.["response_action"] === "errors" ? body["errors"] : {};
  const entries = isRecord(errors) ? Object.entries(errors) : [];
  return Object.fromEntries(entries.map(([block, text]) => [block, String(text)]));
}

/** What was written, by block and then by action. */
function valuesOf({ view }: OpenView, values: Readonly<Record<string, string>>): object {
  const given = new Map(Object.entries(values));
  const fields = new Map<string, object>();
  for (const block of view.blocks) {
    if (block.type === "input") {
      const { action_id, type } = block.element;
      const text = given.get(block.block_id) ?? "";
      fields.set(block.block_id, { [action_id]: { type, value: text === "" ? null : text } });
    }
  }
  return Object.fromEntries(fields);
}

function actionOf({ blocks }: Message, actionId: string): object | undefined {
  const buttons = blocks.flatMap((block) =>
    block.type === "actions"
      ? block.elements.map((button) => ({ ...button, block_id: block.block_id }))
      : [],
  );
  return buttons.find(({ action_id }) => action_id === actionId);
}

function frame(workspace: Workspace, asked: string): object {
  const { team, state } = workspace;
  const { id, name, team_id = team } = known(state.people.get(asked), "user_not_found");
  return {
    user: { id, username: name, name, team_id },
    team: { id: team_id, domain: APP.domain },
    trigger_id: newTrigger(workspace, id),
  };
}

function tell(
  workspace: Workspace,
  { channel, user }: { readonly channel: string; readonly user: string },
  text: string,
): void {
  write(workspace, { channel, text, onlyFor: user, author: "slack" });
}

function known<T>(found: T | undefined, refusal: string): T {
  if (found === undefined) {
    throw new SlackError(refusal);
  }
  return found;
}
