import type { UsersInfoResponse, WebClient } from "@slack/web-api";
import { PermanentError, TransientError } from "../ports/errors.ts";
import type { Slack, SlackPerson } from "../ports/slack.ts";
import { lazily } from "./grpc-endpoint.ts";
import { callOutside } from "./outside-call.ts";
import type { CallLimits } from "./outside-call.ts";

/** A person waits for the answer, so a call that hangs is given up soon. */
const SLACK_LIMITS: CallLimits = { timeoutMs: 5000, attemptsMax: 2 };

/** A trigger is good for three seconds from when Slack set off; a second attempt comes too late. */
const MODAL_LIMITS: CallLimits = { timeoutMs: 1500, attemptsMax: 1 };

/** Where a `response_url` of Slack's own leads. */
const HOOKS = "https://hooks.slack.com";

/** Where Slack is, and by which token it is spoken to. */
export type SlackWebOptions = {
  /** The address of the Web API with its last slash; null for Slack's own. */
  readonly endpoint: string | null;
  /** The token; read anew where the one before was refused. @throws TransientError or PermanentError when there is none. */
  readonly token: (isAnew: boolean) => Promise<string>;
};

/**
 * Slack by its own client, which is loaded when it is first needed.
 * Source: https://docs.slack.dev/apis/web-api
 */
export function slackWeb({ endpoint, token }: SlackWebOptions): Slack {
  const library = lazily(async () => import("@slack/web-api"));
  async function client(isAnew: boolean): Promise<WebClient> {
    const { WebClient: Client } = await library();
    return new Client(await token(isAnew), {
      ...(endpoint === null ? {} : { slackApiUrl: endpoint }),
      allowAbsoluteUrls: false,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      logger: SILENT,
    });
  }
  async function call<Value>(
    method: string,
    act: (slack: WebClient) => Promise<Value>,
    limits = SLACK_LIMITS,
  ): Promise<Value> {
    const attempt = async (isAnew: boolean): Promise<Value> =>
      classified(method, async () => act(await client(isAnew)));
    const tryAnew = async (): Promise<Value> => {
      try {
        return await attempt(false);
      } catch (error) {
        // The token was replaced: what took its place is read, and tried once.
        if (error instanceof SlackRefusal && STALE.has(error.code)) {
          return attempt(true);
        }
        throw error;
      }
    };
    return callOutside(`Slack ${method}`, tryAnew, limits);
  }
  return {
    person: async (id) =>
      nullWhenUnknown(["user_not_found", "user_not_visible"], async () => {
        const { user } = await call("users.info", async (slack) => slack.users.info({ user: id }));
        return user === undefined ? null : toPerson(user);
      }),
    idOf: async (email) =>
      nullWhenUnknown(["users_not_found"], async () => {
        const { user } = await call("users.lookupByEmail", async (slack) =>
          slack.users.lookupByEmail({ email }),
        );
        return user?.id ?? null;
      }),
    openModal: async (trigger, view) => {
      const about = { trigger_id: trigger, view: JSON.stringify(view) };
      await call("views.open", async (slack) => slack.apiCall("views.open", about), MODAL_LIMITS);
    },
    respond: async (url, message) => respond(url, message, endpoint),
  };
}

/** What Slack says of a token that it takes no more. Source: https://docs.slack.dev/reference/methods/auth.test#errors */
const STALE: ReadonlySet<string> = new Set([
  "account_inactive",
  "invalid_auth",
  "not_authed",
  "token_expired",
  "token_revoked",
]);

function nothing(): void {}

/** What the client would write to the terminal is told by errors, and holds what no log should have. */
const SILENT = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  getLevel: (): never => {
    throw new Error("this logger has no level");
  },
  setName: nothing,
};

/** What Slack refused, by its own word. */
class SlackRefusal extends PermanentError {
  readonly code: string;

  constructor(method: string, code: string, cause: unknown) {
    super("FAILED_PRECONDITION", `Slack refused ${method}: ${code}`, cause);
    this.code = code;
  }
}

async function nullWhenUnknown<Value>(
  codes: readonly string[],
  act: () => Promise<Value | null>,
): Promise<Value | null> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof SlackRefusal && codes.includes(error.code)) {
      return null;
    }
    throw error;
  }
}

/** Source: https://docs.slack.dev/tools/node-slack-sdk/web-api/#handle-errors */
async function classified<Value>(method: string, act: () => Promise<Value>): Promise<Value> {
  try {
    return await act();
  } catch (error) {
    const { WebAPIPlatformError } = await import("@slack/web-api");
    if (error instanceof WebAPIPlatformError) {
      throw new SlackRefusal(method, error.data.error, error);
    }
    if (error instanceof PermanentError || error instanceof TransientError) {
      throw error;
    }
    throw new TransientError("UNAVAILABLE", `Slack gave no answer to ${method}`, error);
  }
}

type User = NonNullable<UsersInfoResponse["user"]>;

/** Source: https://docs.slack.dev/reference/objects/user-object */
function toPerson(user: User): SlackPerson {
  return {
    email: user.profile?.email ?? null,
    isEmailConfirmed: user.is_email_confirmed === true,
    team: user.team_id ?? "",
    organization: user.enterprise_user?.enterprise_id ?? user.enterprise_id ?? null,
    isBot: user.is_bot !== false || user.is_workflow_bot === true || user.is_connector_bot === true,
    isDeleted: user.deleted !== false,
    isGuest: user.is_restricted !== false || user.is_ultra_restricted !== false,
    isStranger: user.is_stranger === true,
  };
}

/** An address that Slack did not give is not written to: it would be told what is for one person. */
async function respond(url: string, message: object, endpoint: string | null): Promise<void> {
  const origin = endpoint === null ? HOOKS : new URL(endpoint).origin;
  if (!URL.canParse(url) || new URL(url).origin !== origin) {
    throw new PermanentError("INVALID_ARGUMENT", "the address to answer to is none of Slack's");
  }
  await callOutside(
    "Slack response_url",
    async () => {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json; charset=utf-8" },
        body: JSON.stringify(message),
        redirect: "error",
        signal: AbortSignal.timeout(SLACK_LIMITS.timeoutMs),
      });
      await response.arrayBuffer();
      if (response.status === 429 || response.status >= 500) {
        throw new TransientError("UNAVAILABLE", `Slack answered with ${response.status}`);
      }
      if (!response.ok) {
        throw new PermanentError("FAILED_PRECONDITION", `Slack answered with ${response.status}`);
      }
    },
    SLACK_LIMITS,
  );
}
