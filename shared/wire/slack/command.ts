import { accepted, refused } from "../../domain/result.ts";
import type { Parsed } from "../parsed.ts";

/** What somebody asks for in chat. */
export type ChatCommand =
  | { readonly verb: "help" }
  | { readonly verb: "status"; readonly service: string | null }
  | { readonly verb: "timeline"; readonly service: string }
  | ({ readonly verb: "explain" | "changes" } & ReleaseThere)
  | ({ readonly verb: "promote" | "rollback" } & ReleaseThere & Why)
  | ({
      readonly verb: "hold";
      /** Null for everything. */
      readonly service: string | null;
      readonly environment: string | null;
      /** For how long, such as `4h`; null until somebody lifts it. */
      readonly length: string | null;
    } & Why)
  | { readonly verb: "lift"; readonly hold: string }
  | ({ readonly verb: "approve" | "reject" | "cancel"; readonly promotion: string } & Why);

type Verb = ChatCommand["verb"];

type ReleaseThere = {
  readonly service: string;
  readonly environment: string;
  readonly release: string | null;
};

type Why = { readonly reason: string | null };

/** How long a reason may be in chat: it is carried by a button, which takes 2,000 characters. */
export const CHAT_REASON_LENGTH_MAX = 500;

/** How each command is written. `because` comes last, with the rest of the text. */
export const CHAT_USAGE: Readonly<Record<Verb, string>> = {
  status: "status [SERVICE]",
  explain: "explain SERVICE ENVIRONMENT [RELEASE]",
  changes: "changes SERVICE ENVIRONMENT [RELEASE]",
  timeline: "timeline SERVICE",
  promote: "promote SERVICE ENVIRONMENT [RELEASE] [because REASON]",
  rollback: "rollback SERVICE ENVIRONMENT [RELEASE] because REASON",
  approve: "approve PROMOTION [because COMMENT]",
  reject: "reject PROMOTION because REASON",
  cancel: "cancel PROMOTION [because REASON]",
  hold: "hold SERVICE|everything [ENVIRONMENT] [for 1h|4h|1d|7d] because REASON",
  lift: "lift HOLD",
  help: "help",
};

const VERBS = [
  "status",
  "explain",
  "changes",
  "timeline",
  "promote",
  "rollback",
  "approve",
  "reject",
  "cancel",
  "hold",
  "lift",
  "help",
] as const satisfies readonly Verb[];

const EVERYTHING = "everything";
const LENGTHS: ReadonlySet<string> = new Set(["1h", "4h", "1d", "7d"]);

/** Reads what somebody wrote after the command's name. What is wrong is said with how it is written. */
export function parseChatCommand(text: string): Parsed<ChatCommand> {
  const [said = "", ...because] = text.trim().split(/(?:^|\s+)because\s+/i);
  const reason = because.join(" because ").trim();
  const [word = "help", ...words] = said.split(/\s+/).filter((part) => part !== "");
  const verb = toVerb(word.toLowerCase());
  if (verb === null) {
    return refused(`there is no command ${word}; /slipway help lists them`);
  }
  if (reason.length > CHAT_REASON_LENGTH_MAX) {
    return refused(`the reason may have ${CHAT_REASON_LENGTH_MAX} characters here; shorten it`);
  }
  const command = READERS[verb](words, reason === "" ? null : reason);
  return command === null ? refused(`write it as /slipway ${CHAT_USAGE[verb]}`) : accepted(command);
}

/** Whether a command needs a reason that it does not have. */
export function lacksReason(command: ChatCommand): boolean {
  return (
    (command.verb === "rollback" || command.verb === "reject" || command.verb === "hold") &&
    command.reason === null
  );
}

/** A command as it would be written with a reason. */
export function withReason(text: string, reason: string): string {
  return `${text.trim()} because ${reason}`;
}

function toVerb(word: string): Verb | null {
  return VERBS.find((verb) => verb === word) ?? null;
}

type Read = (words: readonly string[], reason: string | null) => ChatCommand | null;

const READERS: Readonly<Record<Verb, Read>> = {
  help: () => ({ verb: "help" }),
  status: ([service, ...rest]) =>
    rest.length > 0 ? null : { verb: "status", service: service ?? null },
  timeline: ([service, ...rest]) =>
    service === undefined || rest.length > 0 ? null : { verb: "timeline", service },
  explain: (words) => there(words, (place) => ({ verb: "explain", ...place })),
  changes: (words) => there(words, (place) => ({ verb: "changes", ...place })),
  promote: (words, reason) => there(words, (place) => ({ verb: "promote", ...place, reason })),
  rollback: (words, reason) => there(words, (place) => ({ verb: "rollback", ...place, reason })),
  approve: (words, reason) => named(words, (promotion) => ({ verb: "approve", promotion, reason })),
  reject: (words, reason) => named(words, (promotion) => ({ verb: "reject", promotion, reason })),
  cancel: (words, reason) => named(words, (promotion) => ({ verb: "cancel", promotion, reason })),
  lift: (words) => named(words, (hold) => ({ verb: "lift", hold })),
  hold: toHold,
};

function there(
  [service, environment, release, ...rest]: readonly string[],
  make: (place: ReleaseThere) => ChatCommand,
): ChatCommand | null {
  return service === undefined || environment === undefined || rest.length > 0
    ? null
    : make({ service, environment, release: release ?? null });
}

function named(
  [id, ...rest]: readonly string[],
  make: (id: string) => ChatCommand,
): ChatCommand | null {
  return id === undefined || rest.length > 0 ? null : make(id);
}

/** Everything is held only by who says so. */
function toHold(words: readonly string[], reason: string | null): ChatCommand | null {
  const [where, lengths] = split(words, "for");
  const [what, ...narrower] = where;
  const isEverything = what === EVERYTHING;
  const isTooMuch = narrower.length > (isEverything ? 0 : 1);
  if (what === undefined || isTooMuch || (lengths !== null && !isLength(lengths))) {
    return null;
  }
  const [environment = NOTHING] = narrower;
  const [length = NOTHING] = lengths ?? [];
  return { verb: "hold", service: isEverything ? null : what, environment, length, reason };
}

const NOTHING: string | null = null;

/** What stands before a word and what behind it; null where it is not there. */
function split(
  words: readonly string[],
  word: string,
): readonly [readonly string[], readonly string[] | null] {
  const at = words.indexOf(word);
  return at === -1 ? [words, null] : [words.slice(0, at), words.slice(at + 1)];
}

function isLength(words: readonly string[]): boolean {
  return words.length === 1 && LENGTHS.has(words.join(""));
}
