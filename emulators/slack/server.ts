import { realClock } from "../kit/clock.ts";
import { faultPlan } from "../kit/faults.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { type Interactions, interactionsOf } from "./interactions.ts";
import { addPage } from "./page/routes.ts";
import type { App } from "./request.ts";
import {
  type Channel,
  emptyState,
  findChannel,
  makeChannel,
  type Message,
  messagesIn,
  type OpenView,
  type SlackUser,
  type Workspace,
} from "./state.ts";
import { addWebApi, type Token } from "./web-api.ts";

/** How the workspace is, and the app in it. */
export type SlackOptions = Omit<EmulatorOptions, "access"> & {
  readonly users?: readonly SlackUser[];
  /** Names of channels, without `#`; or more about them. */
  readonly channels?: readonly (string | Omit<Channel, "id">)[];
  /** Where commands and interactions go; nowhere where it is left out. */
  readonly requestUrl?: string;
  readonly signingSecret?: string;
  readonly token?: Partial<Token>;
  /** The workspace's id. */
  readonly team?: string;
  /** Whether a channel is made when it is posted to by a name that nobody has; Slack makes none. */
  readonly makesChannels?: boolean;
};

/** A workspace that runs. */
export type RunningSlack = RunningServer &
  Interactions & {
    /** What a client is given as the API's address. */
    readonly apiUrl: string;
    readonly team: string;
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
    /** Adds somebody, or replaces them. */
    readonly putUser: (user: SlackUser) => void;
  };

/** What the app's token may do, unless it is said otherwise: what the guide's manifest asks for. */
const SCOPES = ["chat:write", "chat:write.public", "commands", "users:read", "users:read.email"];

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
    team: options.team ?? "T0LOCAL",
    makesChannels: options.makesChannels === true,
    count: () => (counted += 1),
  };
  const { requestUrl = "", signingSecret = "local-signing-secret" } = options;
  const app = { requestUrl, signingSecret };
  let token: Token = { value: "xoxb-local", scopes: SCOPES, ...options.token };
  const interactions = interactionsOf(workspace, app);
  populate(workspace, options);
  const server = await serve({
    ...options,
    clock,
    faults,
    state,
    http: (routes) => {
      addWebApi(routes, { workspace, token: () => token, faults });
      addPage(routes, workspace, interactions);
    },
  });
  place.url = server.url;
  const idOf = (name: string): string => findChannel(workspace, name)?.id ?? name;
  return {
    ...server,
    apiUrl: `${server.url}/api/`,
    ...interactions,
    team: workspace.team,
    messages: (channel, person) => messagesIn(state, idOf(channel), person),
    viewOf: (user) => [...state.views.values()].find((view) => view.user === user) ?? null,
    remove: (_, ts) => {
      state.messages.delete(ts);
    },
    putUser: (user) => {
      state.people.set(user.id, user);
    },
    signingSecret: () => app.signingSecret,
    token: () => token.value,
    set: ({ token: value = token.value, ...change }) => {
      Object.assign(app, change);
      token = { ...token, value };
    },
    reset: () => {
      server.reset();
      populate(workspace, options);
    },
  };
}

function populate(workspace: Workspace, options: SlackOptions): void {
  for (const user of options.users ?? []) {
    workspace.state.people.set(user.id, user);
  }
  for (const channel of options.channels ?? []) {
    const { name, isArchived } =
      typeof channel === "string" ? { name: channel, isArchived: false } : channel;
    makeChannel(workspace, name, isArchived);
  }
}
