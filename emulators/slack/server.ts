import { realClock } from "../kit/clock.ts";
import { faultPlan } from "../kit/faults.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import {
  type CommandInput,
  type Interactions,
  type PressInput,
  sendCommand,
  sendPress,
  sendSubmission,
  type SubmitInput,
} from "./interactions.ts";
import type { Block } from "./block-rules.ts";
import { addPage } from "./page/routes.ts";
import type { App, AppAnswer } from "./request.ts";
import {
  type Channel,
  emptyState,
  findChannel,
  makeChannel,
  type Message,
  messagesIn,
  type OpenView,
  type SlackUser,
  type Team,
  type Workspace,
  write,
} from "./state.ts";
import { addWebApi, type Token } from "./web-api.ts";

/** How the workspace is, and the app in it. */
export type SlackOptions = Omit<EmulatorOptions, "access"> & {
  readonly users?: readonly SlackUser[];
  /** Names of channels, without `#`; or more about them. */
  readonly channels?: readonly (string | Omit<Channel, "id">)[];
  /** Where commands and interactions go; nowhere where it is left out. */
  readonly requestUrl?: string | null;
  readonly signingSecret?: string;
  readonly token?: Partial<Token>;
  /** Such as `/slipway`. */
  readonly command?: string;
  readonly team?: Partial<Team>;
  /** Whether a channel is made when it is posted to by a name that nobody has; Slack makes none. */
  readonly makesChannels?: boolean;
};

/** A workspace that runs. */
export type RunningSlack = RunningServer & {
  /** What a client is given as the API's address. */
  readonly apiUrl: string;
  readonly team: Team;
  readonly signingSecret: () => string;
  readonly token: () => string;
  /** Replaces where requests go, what signs them, or the token. */
  readonly set: (change: Partial<App> & { readonly token?: string }) => void;
  /** What everybody sees in a channel, by its name, oldest first; with a person, also what they alone see. */
  readonly messages: (channel: string, person?: string) => readonly Message[];
  /** The view that is open before a person; null where there is none. */
  readonly viewOf: (user: string) => OpenView | null;
  /** Deletes a message, as a person with the right to it. */
  readonly remove: (channel: string, ts: string) => void;
  /** Writes a message as the app, and gives its `ts`. */
  readonly post: (message: {
    readonly channel: string;
    readonly text: string;
    readonly blocks?: readonly Block[];
  }) => string;
  /** Adds somebody, or replaces them. */
  readonly putUser: (user: SlackUser) => void;
  /** Gives the app's command; `channel` is a name. */
  readonly command: (input: CommandInput) => Promise<AppAnswer>;
  readonly press: (input: PressInput) => Promise<AppAnswer>;
  readonly submit: (input: SubmitInput) => Promise<AppAnswer>;
};

/** What the app's token may do, unless it is said otherwise: what the guide's manifest asks for. */
const SCOPES = ["chat:write", "chat:write.public", "commands", "users:read", "users:read.email"];

const TEAM: Team = {
  id: "T0LOCAL",
  domain: "local",
  appId: "A0SLIPWAY",
  appName: "slipway",
  botId: "B0SLIPWAY",
  botUserId: "U0SLIPWAY",
};

const STORE_NAME = "slack";

/**
 * Starts a workspace of Slack with one app in it: the part of the Web API that apps with messages, commands, buttons
 * and modals use, what Slack sends to such an app, and a page on which people see the channels.
 * @throws Error when the port is taken.
 */
export async function startSlack(options: SlackOptions = {}): Promise<RunningSlack> {
  const { clock = realClock(), faults = faultPlan() } = options;
  const state = keepMaps(options.persistence, STORE_NAME, emptyState());
  const place = { url: "" };
  let counted = 0;
  const workspace: Workspace = {
    state,
    clock,
    url: () => place.url,
    team: { ...TEAM, ...options.team },
    makesChannels: options.makesChannels === true,
    count: () => (counted += 1),
  };
  const app = installedApp(options);
  const command = options.command ?? "/slipway";
  const interactions = { workspace, app };
  populate(workspace, options);
  const server = await serve({
    ...options,
    clock,
    faults,
    state,
    http: (routes) => {
      addWebApi(routes, { workspace, token: () => app.token, faults });
      addPage(routes, { interactions, command });
    },
  });
  place.url = server.url;
  return {
    ...server,
    apiUrl: `${server.url}/api/`,
    ...controls(interactions, app, command),
    reset: () => {
      server.reset();
      populate(workspace, options);
    },
  };
}

/** The app as it is installed; what it goes by may be replaced. */
type InstalledApp = App & { token: Token };

function installedApp({ requestUrl = null, signingSecret, token }: SlackOptions): InstalledApp {
  return {
    requestUrl,
    signingSecret: signingSecret ?? "local-signing-secret",
    token: { value: token?.value ?? "xoxb-local", scopes: token?.scopes ?? SCOPES },
  };
}

type Controls = Omit<RunningSlack, keyof RunningServer | "apiUrl">;

function controls(interactions: Interactions, app: InstalledApp, command: string): Controls {
  const { workspace } = interactions;
  const channelOf = (name: string): string => channelId(workspace, name);
  return {
    team: workspace.team,
    signingSecret: () => app.signingSecret,
    token: () => app.token.value,
    set: ({ token, ...change }) => {
      Object.assign(app, change);
      app.token = token === undefined ? app.token : { ...app.token, value: token };
    },
    ...looksAt(workspace),
    command: async (input) =>
      sendCommand(interactions, { ...input, channel: channelOf(input.channel), command }),
    press: async (input) =>
      sendPress(interactions, { ...input, channel: channelOf(input.channel) }),
    submit: async (input) => sendSubmission(interactions, input),
  };
}

function populate(workspace: Workspace, options: SlackOptions): void {
  for (const user of options.users ?? []) {
    workspace.state.users.set(user.id, user);
  }
  for (const channel of options.channels ?? []) {
    const { name, isArchived } =
      typeof channel === "string" ? { name: channel, isArchived: false } : channel;
    makeChannel(workspace, name, isArchived);
  }
}

type Looks = Pick<RunningSlack, "messages" | "viewOf" | "remove" | "post" | "putUser">;

function looksAt(workspace: Workspace): Looks {
  const { state } = workspace;
  return {
    messages: (channel, person) => messagesIn(state, channelId(workspace, channel), person),
    viewOf: (user) => [...state.views.values()].find((view) => view.user === user) ?? null,
    remove: (channel, ts) => {
      state.messages.get(channelId(workspace, channel))?.delete(ts);
    },
    post: ({ channel, ...content }) => {
      const place = { channel: channelId(workspace, channel), author: { kind: "app" } as const };
      return write(workspace, { ...content, ...place }).ts;
    },
    putUser: (user) => {
      state.users.set(user.id, user);
    },
  };
}

function channelId(workspace: Workspace, name: string): string {
  return findChannel(workspace, name)?.id ?? name;
}
