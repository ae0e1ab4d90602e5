import type { Command } from "commander";

/** Makes each command by its name. Only the one that is called is loaded, which keeps each of them quick. */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import("./start.ts")).startCommand(),
  validate: async () => (await import("./validate.ts")).validateCommand(),
  plan: async () => (await import("./plan.ts")).planCommand(),
  apply: async () => (await import("./apply.ts")).applyCommand(),
  status: async () => (await import("./status.ts")).statusCommand(),
  releases: async () => (await import("./releases.ts")).releasesCommand(),
  promote: async () => (await import("./promote.ts")).promoteCommand(),
  promotions: async () => (await import("./promotions.ts")).promotionsCommand(),
  promotion: async () => (await import("./promotion.ts")).promotionCommand(),
  cancel: async () => (await import("./cancel.ts")).cancelCommand(),
  hold: async () => (await import("./hold.ts")).holdCommand(),
  timeline: async () => (await import("./timeline.ts")).timelineCommand(),
  audit: async () => (await import("./audit.ts")).auditCommand(),
  token: async () => (await import("./token.ts")).tokenCommand(),
};
