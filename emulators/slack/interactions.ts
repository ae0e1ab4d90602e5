import { buttonsOf } from "./block-rules.ts";
import { isRecord } from "../kit/json.ts";
import { toMessageView } from "./message-view.ts";
import { toViewView, type ViewValues } from "./operations-views.ts";
import { type App, type AppAnswer, type AppRequest, sendToApp } from "./request.ts";
import { answerWith } from "./response-urls.ts";
import { SlackError } from "./slack-error.ts";
import { type Channel, findMessage, type Message, type OpenView, type SlackUser } from "./state.ts";
import { newHook, newTrigger, shortUser, type Workspace, write } from "./workspace.ts";

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

/** How interactions are sent. */
export type Interactions = {
  readonly workspace: Workspace;
  readonly app: App;
  /** How often a request is sent again when its answer is late or an error. Slack sends these once (unconfirmed). */
  readonly retriesMax: number;
};

/** Sends a slash command, `/name` and its text. Source: https://docs.slack.dev/interactivity/implementing-slash-commands */
export async function sendCommand(
  interactions: Interactions,
  { command, ...input }: CommandInput & { readonly command: string },
): Promise<AppAnswer> {
  const { workspace } = interactions;
  const { team } = workspace;
  const user = knownUser(workspace, input.user);
  const channel = knownChannel(workspace, input.channel);
  const hook = { channel: channel.id, user: user.id, messageTs: null };
  const form = {
    token: "deprecated",
    team_id: user.teamId ?? team.id,
    team_domain: team.domain,
    channel_id: channel.id,
    channel_name: channel.name,
    user_id: user.id,
    user_name: user.name,
    command,
    text: input.text,
    api_app_id: team.appId,
    is_enterprise_install: "false",
    response_url: newHook(workspace, { kind: "commands", ...hook }),
    trigger_id: newTrigger(workspace, user.id),
  };
  const answer = await send(interactions, { form });
  const problem = problemOf(answer);
  if (problem !== null) {
    tell(workspace, hook, `${command} failed with the error "${problem}"`);
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
export async function sendPress(interactions: Interactions, input: PressInput): Promise<AppAnswer> {
  const { workspace } = interactions;
  const { state, team } = workspace;
  const user = knownUser(workspace, input.user);
  const channel = knownChannel(workspace, input.channel);
  const message = findMessage(state, channel.id, input.ts);
  const action = message === undefined ? undefined : actionOf(message, input.actionId);
  if (message === undefined || action === undefined || (message.onlyFor ?? user.id) !== user.id) {
    throw new SlackError("message_not_found");
  }
  const hook = { channel: channel.id, user: user.id, messageTs: message.ts };
  const isEphemeral = message.onlyFor !== null;
  const payload = {
    ...frame(workspace, user),
    type: "block_actions",
    container: {
      type: "message",
      message_ts: message.ts,
      channel_id: channel.id,
      is_ephemeral: isEphemeral,
      ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
    },
    channel: { id: channel.id, name: channel.name },
    ...(isEphemeral ? {} : { message: toMessageView(message, team) }),
    state: { values: {} },
    response_url: newHook(workspace, { kind: "actions", ...hook }),
    actions: [{ ...action, type: "button", action_ts: String(workspace.clock.now() / 1000) }],
  };
  const answer = await send(interactions, { form: { payload: JSON.stringify(payload) } });
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
  interactions: Interactions,
  input: SubmitInput,
): Promise<AppAnswer> {
  const { workspace } = interactions;
  const { state, team } = workspace;
  const user = knownUser(workspace, input.user);
  const open = state.views.get(input.view);
  if (open === undefined || open.user !== user.id) {
    throw new SlackError("not_found");
  }
  const payload = {
    ...frame(workspace, user),
    type: "view_submission",
    view: toViewView(open, team, valuesOf(open, input.values)),
    response_urls: [],
  };
  const answer = await send(interactions, { form: { payload: JSON.stringify(payload) } });
  const errors = errorsOf(answer);
  if (Object.keys(errors).length > 0) {
    state.views.set(open.id, { ...open, errors });
  } else {
    state.views.delete(open.id);
  }
  return answer;
}

async function send(
  { workspace, app, retriesMax }: Interactions,
  request: AppRequest,
): Promise<AppAnswer> {
  let answer = await sendToApp(app, workspace.clock, request);
  for (let number = 1; number <= retriesMax && problemOf(answer) !== null; number += 1) {
    const reason = answer.kind === "answered" ? "http_error" : "http_timeout";
    answer = await sendToApp(app, workspace.clock, { ...request, retry: { number, reason } });
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

function valuesOf({ view }: OpenView, values: SubmitInput["values"]): ViewValues {
  const entries = view.blocks.flatMap((block) => {
    if (block.type !== "input") {
      return [];
    }
    const id = block.block_id ?? "";
    const text = new Map(Object.entries(values)).get(id) ?? "";
    const value = text === "" ? null : text;
    return [
      [
        id,
        { [block.element.action_id ?? ""]: { type: "plain_text_input" as const, value } },
      ] as const,
    ];
  });
  return Object.fromEntries(entries);
}

function actionOf(
  { blocks }: Message,
  actionId: string,
): Readonly<Record<string, unknown>> | undefined {
  for (const block of blocks) {
    const button = buttonsOf(block).find(({ action_id }) => action_id === actionId);
    if (button !== undefined) {
      const { action_id, text, value } = button;
      return {
        action_id,
        block_id: block.block_id,
        text,
        ...(value === undefined ? {} : { value }),
      };
    }
  }
  return undefined;
}

function frame(workspace: Workspace, user: SlackUser): Readonly<Record<string, unknown>> {
  const { team } = workspace;
  return {
    user: shortUser(user, team),
    api_app_id: team.appId,
    token: "deprecated",
    team: { id: user.teamId ?? team.id, domain: team.domain },
    enterprise: null,
    is_enterprise_install: false,
    trigger_id: newTrigger(workspace, user.id),
  };
}

function tell(
  workspace: Workspace,
  { channel, user }: { readonly channel: string; readonly user: string },
  text: string,
): void {
  write(workspace, { channel, text, blocks: [], onlyFor: user, author: { kind: "slack" } });
}

function knownUser({ state }: Workspace, id: string): SlackUser {
  const user = state.users.get(id);
  if (user === undefined) {
    throw new SlackError("user_not_found");
  }
  return user;
}

function knownChannel({ state }: Workspace, id: string): Channel {
  const channel = state.channels.get(id);
  if (channel === undefined) {
    throw new SlackError("channel_not_found");
  }
  return channel;
}
