import type { Command } from "commander";

/** Makes each command by its name. Only the one that is called is loaded, which keeps each of them quick. */
export const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map(
  Object.entries({
    start: async () => (await import("./start.ts")).startCommand(),
    validate: async () => (await import("./validate.ts")).validateCommand(),
    plan: async () => (await import("./plan.ts")).planCommand(),
    apply: async () => (await import("./apply.ts")).applyCommand(),
    remove: async () => (await import("./remove.ts")).removeCommand(),
    status: async () => (await import("./status.ts")).statusCommand(),
    releases: async () => (await import("./releases.ts")).releasesCommand(),
    promote: async () => (await import("./promote.ts")).promoteCommand(),
    explain: async () => (await import("./explain.ts")).explainCommand(),
    changes: async () => (await import("./changes.ts")).changesCommand(),
    approve: async () => (await import("./approve.ts")).approveCommand(),
    reject: async () => (await import("./reject.ts")).rejectCommand(),
    promotions: async () => (await import("./promotions.ts")).promotionsCommand(),
    promotion: async () => (await import("./promotion.ts")).promotionCommand(),
    cancel: async () => (await import("./cancel.ts")).cancelCommand(),
    retry: async () => (await import("./retry.ts")).retryCommand(),
    rollback: async () => (await import("./rollback.ts")).rollbackCommand(),
    mark: async () => (await import("./mark.ts")).markCommand(),
    hold: async () => (await import("./hold.ts")).holdCommand(),
    backups: async () => (await import("./backups.ts")).backupsCommand(),
    restore: async () => (await import("./restore.ts")).restoreCommand(),
    migrate: async () => (await import("./migrate.ts")).migrateCommand(),
    wait: async () => (await import("./wait.ts")).waitCommand(),
    timeline: async () => (await import("./timeline.ts")).timelineCommand(),
    audit: async () => (await import("./audit.ts")).auditCommand(),
    local: async () => (await import("./local.ts")).localCommand(),
    token: async () => (await import("./token.ts")).tokenCommand(),
  }),
);
