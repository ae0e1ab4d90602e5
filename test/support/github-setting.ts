import { generateKeyPairSync } from "node:crypto";
import { faultPlan } from "../../emulators/kit/faults.ts";
import type { FaultPlan } from "../../emulators/kit/faults.ts";
import { startGithub } from "../../emulators/github/server.ts";
import type { NewRepository, RunningGithub } from "../../emulators/github/server.ts";
import { githubMessenger } from "../../shared/adapters/github-messenger.ts";
import type { GithubIdentity } from "../../shared/adapters/github-tokens.ts";
import { systemClock } from "../../shared/adapters/system-clock.ts";
import type { Answer, NoticeMessage } from "../../shared/ports/notices.ts";
import { aDeploymentNotice } from "./deployment-notice.ts";
import { openRecorder } from "./github-recorder.ts";
import type { Recorder } from "./github-recorder.ts";

/** The commits that are there, the older first. */
export const OLD = "1".repeat(40);
export const SHA = "2".repeat(40);

/** The one repository. */
export const REPOSITORY = "acme/web";

/** Notices of one promotion of the newer commit. */
export const WAITING = aDeploymentNotice({ state: "WAITING", commit: SHA });
export const RUNNING = aDeploymentNotice({ state: "RUNNING", commit: SHA });
export const DONE = aDeploymentNotice({ state: "SUCCEEDED", commit: SHA, brought: [SHA] });

const KEYS = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  // As GitHub hands them out.
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
});

/** What is in the secrets now. */
type Secrets = { key: string | null; token: string | null };

/** The local GitHub with one repository, a look at every call, and who tells it. */
export type GithubSetting = {
  readonly github: RunningGithub;
  readonly faults: FaultPlan;
  readonly recorder: Recorder;
  readonly secrets: Secrets;
  readonly app: GithubIdentity;
  readonly token: GithubIdentity;
  readonly teller: (
    identity?: GithubIdentity,
    callMaxMs?: number,
  ) => (message: NoticeMessage) => Promise<Answer>;
  /** Tells them one after the other, each with what the channel called the conversation before. */
  readonly tellAll: (messages: readonly NoticeMessage[]) => Promise<Answer>;
  /** How each deployment stood, oldest first, with all that was said of it. */
  readonly shown: () => readonly string[];
  /** What was said of commits, oldest first. */
  readonly said: () => readonly string[];
  /** Everything as it was at the beginning. */
  readonly reset: () => void;
  /** @throws Error with what is not right about the calls by GitHub's published description. */
  readonly check: () => void;
  readonly close: () => Promise<void>;
};

/** Starts it. */
export async function openGithub(): Promise<GithubSetting> {
  const faults = faultPlan();
  const github = await startGithub({
    faults,
    repositories: [{ name: REPOSITORY, commits: [OLD, SHA], pulls: pulls() }],
    app: { publicKey: KEYS.publicKey },
  });
  const recorder = await openRecorder(github.url);
  const secrets: Secrets = { key: KEYS.privateKey, token: github.app().token };
  const token: GithubIdentity = {
    kind: "token",
    token: async () => Promise.resolve(secrets.token),
  };
  const teller: GithubSetting["teller"] = (identity = token, callMaxMs) => {
    const messenger = githubMessenger({
      endpoint: recorder.url,
      host: "github.com",
      identity,
      clock: systemClock(),
      ...(callMaxMs === undefined ? {} : { callMaxMs }),
    });
    return async (message) => messenger.tell({ kind: "github" }, message);
  };
  return {
    github,
    faults,
    recorder,
    secrets,
    app: { kind: "app", app: "4711", key: async () => Promise.resolve(secrets.key) },
    token,
    teller,
    tellAll: async (messages) => tellOneByOne(teller(), messages),
    ...looksAt(github),
    reset: () => {
      github.reset();
      faults.clear();
      recorder.forget();
      Object.assign(secrets, { key: KEYS.privateKey, token: github.app().token });
    },
    check: () => {
      const broken = recorder.calls.flatMap((call) => call.broken);
      if (broken.length > 0) {
        throw new Error(broken.join("\n"));
      }
    },
    close: async () => {
      await recorder.close();
      await github.close();
    },
  };
}

function pulls(): NonNullable<NewRepository["pulls"]> {
  const pull = { title: "Faster", merged_at: "1970-01-01T00:00:01Z", locked: false };
  return [
    { ...pull, number: 7, commits: [SHA] },
    { ...pull, number: 8, commits: [OLD], locked: true },
    { ...pull, number: 9, commits: [SHA], merged_at: null },
  ];
}

async function tellOneByOne(
  tell: (message: NoticeMessage) => Promise<Answer>,
  messages: readonly NoticeMessage[],
): Promise<Answer> {
  const threads = new Map<string, string | null>();
  let answer: Answer = { kind: "told", thread: null };
  for (const message of messages) {
    const { subject } = message.notice;
    answer = await tell({ ...message, thread: threads.get(subject) ?? null });
    threads.set(subject, answer.kind === "told" ? answer.thread : null);
  }
  return answer;
}

function looksAt(github: RunningGithub): Pick<GithubSetting, "shown" | "said"> {
  return {
    shown: () =>
      github.deployments(REPOSITORY).map(({ deployment, statuses }) => {
        const states = statuses.toReversed().map(({ state }) => state);
        return `${deployment.environment} ${deployment.sha.slice(0, 3)}: ${states.join(" ")}`;
      }),
    said: () =>
      github
        .commitStatuses(REPOSITORY)
        .map(({ context, hidden, state, description }) =>
          [context, hidden.about.slice(0, 3), state, description].join(" "),
        ),
  };
}
