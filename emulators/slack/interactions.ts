import { isRecord } from "../kit/json.ts";
import { answerWith, SlackError } from "./methods.ts";
import { type App, type AppAnswer, sendToApp } from "./request.ts";
import {
  findMessage,
  type Message,
  newHook,
  newTrigger,
  type OpenView,
  type Workspace,
  write,
} from "./state.ts";

/** A command that a person gives in a channel. */
export type CommandInput = {
  readonly user: string;
  readonly channel: string;
  readonly text: string;
};

/** A button that a person presses. */
export type PressInput = {
  readonly user: string;
  readonly channel: string;
  readonly ts: string;
  readonly actionId: string;
};

/** What a person wrote into a view, by the block's id. */
export type SubmitInput = {
  readonly user: string;
  readonly view: string;
  readonly values: Readonly<Record<string, string>>;
};

/** Where interactions are sent from and to. */
export type Interactions = { readonly workspace: Workspace; readonly app: App };

/** The app's command. */
export const COMMAND = "/slipway";

/** Sends a slash command, `/name` and its text. Source: https://docs.slack.dev/interactivity/implementing-slash-commands */
export async function sendCommand(
  { workspace, app }: Interactions,
  input: CommandInput,
): Promise<AppAnswer> {
  const { state, team } = workspace;
  const user = known(state.users, input.user, "user_not_found");
  const channel = known(state.channels, input.channel, "channel_not_found");
  const hook = { channel: channel.id, user: user.id, messageTs: null };
  const answer = await sendToApp(app, workspace.clock, {
    team_id: user.teamId ?? team.id,
    team_domain: team.domain,
    channel_id: channel.id,
    channel_name: channel.name,
    user_id: user.id,
    user_name: user.name,
    command: COMMAND,
    text: input.text,
    response_url: newHook(workspace, "commands", hook),
    trigger_id: newTrigger(workspace, user.id),
  });
  const problem = problemOf(answer);
  if (problem !== null) {
    tell(workspace, hook, `${COMMAND} failed with the error "${problem}"`);
  } else if (answer.kind === "answered" && answer.body.trim() !== "") {
    answerWith(workspace, hook, bodyOf(answer.body));
  }
  return answer;
}

/**
 * Sends that a button was pressed.
 * Source: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
 * @throws SlackError where there is no such button for that person.
 */
export async function sendPress(
  { workspace, app }: Interactions,
  input: PressInput,
): Promise<AppAnswer> {
  const { state, clock } = workspace;
  const { id, name } = known(state.channels, input.channel, "channel_not_found");
  const message = findMessage(state, id, input.ts);
  const action = message === undefined ? undefined : actionOf(message, input.actionId);
  if (action === undefined || (message?.onlyFor ?? input.user) !== input.user) {
    throw new SlackError("message_not_found");
  }
  const hook = { channel: id, user: input.user, messageTs: input.ts };
  const payload = {
    ...frame(workspace, input.user),
    type: "block_actions",
    channel: { id, name },
    response_url: newHook(workspace, "actions", hook),
    actions: [{ ...action, action_ts: String(clock.now() / 1000) }],
  };
  const answer = await sendToApp(app, clock, { payload: JSON.stringify(payload) });
  const problem = problemOf(answer);
  if (problem !== null) {
    tell(workspace, hook, `The button had no effect (${problem}).`);
  }
  return answer;
}

/**
 * Sends what a person wrote into a view. The view stays open where the app finds fault with a field.
 * Source: https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
 * @throws SlackError where there is no such view before that person.
 */
export async function sendSubmission(
  { workspace, app }: Interactions,
  input: SubmitInput,
): Promise<AppAnswer> {
  const { views } = workspace.state;
  const open = views.get(input.view);
  if (open === undefined || open.user !== input.user) {
    throw new SlackError("not_found");
  }
  const { id, view } = open;
  const payload = {
    ...frame(workspace, input.user),
    type: "view_submission",
    view: { ...view, id, state: { values: valuesOf(open, input.values) } },
    response_urls: [],
  };
  const answer = await sendToApp(app, workspace.clock, { payload: JSON.stringify(payload) });
  const errors = errorsOf(answer);
  if (Object.keys(errors).length > 0) {
    views.set(id, { ...open, errors });
  } else {
    views.delete(id);
  }
  return answer;
}

/** The words with which Slack says that an app did not do its part; null where it did. */
function problemOf(answer: AppAnswer): string | null {
  if (answer.kind === "answered") {
    return answer.status === 200 ? null : "dispatch_failed";
  }
  return answer.kind === "late" ? "operation_timeout" : "dispatch_failed";
}

function errorsOf(answer: AppAnswer): Readonly<Record<string, string>> {
  if (problemOf(answer) !== null) {
    return { "": "We had some trouble connecting. Try again?" };
  }
  const body = answer.kind === "answered" ? bodyOf(answer.body) : {};
  const { errors } = body;
  return body["response_action"] === "errors" && isRecord(errors)
    ? Object.fromEntries(Object.entries(errors).map(([block, text]) => [block, String(text)]))
    : {};
}

/** A body that is no JSON is the text itself. */
function bodyOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(text);
    return isRecord(body) ? body : { text };
  } catch {
    return { text };
  }
}

/** What was written, by block and then by action. */
function valuesOf({ view }: OpenView, values: SubmitInput["values"]): object {
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
  const { id, name, teamId = team.id } = known(state.users, asked, "user_not_found");
  return {
    user: { id, username: name, name, team_id: teamId },
    team: { id: teamId, domain: team.domain },
    trigger_id: newTrigger(workspace, id),
  };
}

function tell(
  workspace: Workspace,
  { channel, user }: { readonly channel: string; readonly user: string },
  text: string,
): void {
  write(workspace, { channel, text, onlyFor: user, author: { kind: "slack" } });
}

function known<T>(records: ReadonlyMap<string, T>, id: string, refusal: string): T {
  const found = records.get(id);
  if (found === undefined) {
    throw new SlackError(refusal);
  }
  return found;
}
