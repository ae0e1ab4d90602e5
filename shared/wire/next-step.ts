import type { Help, NextStep, ReleaseThere } from "../domain/next-step.ts";

/** A step as a command of the terminal. */
export function toCommand(step: NextStep): string {
  switch (step.kind) {
    case "list-services":
      return "slipway status";
    case "list-promotions":
      return "slipway promotions SERVICE";
    case "list-holds":
      return "slipway hold list";
    case "list-releases":
      return `slipway releases ${step.service}`;
    case "list-backups":
      return `slipway backups ${step.service} ${step.environment}`;
    case "changes":
      return `slipway changes ${step.service} ${step.environment}`;
    case "lift":
      return `slipway hold lift ${step.hold}`;
    case "approve":
    case "cancel":
    case "retry":
      return `slipway ${step.kind} ${step.promotion}`;
    case "look":
      return `slipway promotion ${step.promotion}`;
    case "follow":
      return `slipway promotion ${step.promotion} --watch`;
    case "unmark":
      return `slipway mark ${step.service} ${step.release} --good --reason TEXT`;
    case "explain":
    case "promote":
      return `slipway ${step.kind} ${releaseThere(step)}`;
    case "roll-back-with-data":
      return `slipway rollback ${releaseThere(step)} --restore-data --reason TEXT`;
    case "break-glass":
      return `slipway promote ${releaseThere(step)} --break-glass ${step.gates.join(",")} --reason TEXT`;
    case "outside":
      return step.command;
  }
}

function releaseThere({ service, environment, release }: ReleaseThere): string {
  return `${service} ${environment} --release ${release}`;
}

/** A step as somebody writes it in chat; null where chat has no word for it. */
export function toChatWords(step: NextStep): string | null {
  switch (step.kind) {
    case "list-services":
    case "list-promotions":
    case "list-holds":
      return "/slipway status";
    case "list-releases":
      return `/slipway timeline ${step.service}`;
    case "changes":
      return `/slipway changes ${step.service} ${step.environment}`;
    case "lift":
      return `/slipway lift ${step.hold}`;
    case "approve":
    case "cancel":
      return `/slipway ${step.kind} ${step.promotion}`;
    case "explain":
    case "promote":
      return `/slipway ${step.kind} ${step.service} ${step.environment} ${step.release}`;
    case "outside":
      return step.command;
    case "list-backups":
    case "retry":
    case "look":
    case "follow":
    case "unmark":
    case "roll-back-with-data":
    case "break-glass":
      return null;
  }
}

/** Where a step is taken on the pages: the path, and what a link to it says. */
export type PageOfStep = { readonly path: string; readonly name: string };

/** The page on which a step is taken; null for what is done elsewhere. */
export function toPage(step: NextStep): PageOfStep | null {
  switch (step.kind) {
    case "list-services":
    case "list-promotions":
      return { path: "/", name: "Overview" };
    case "list-holds":
      return { path: "/holds", name: "Holds" };
    case "list-releases":
      return { path: `/services/${step.service}`, name: `Releases of ${step.service}` };
    case "list-backups":
      return { path: placeOf(step), name: `Backups of ${step.service}, ${step.environment}` };
    case "changes":
      return { path: `${placeOf(step)}#changes`, name: "See the changes" };
    case "lift":
      return { path: `/holds/${step.hold}/lift`, name: "Lift the hold" };
    case "approve":
    case "cancel":
    case "retry":
    case "look":
    case "follow":
      return promotionPage(step);
    case "unmark": {
      const { service, release } = step;
      return {
        path: `/services/${service}/releases/${release}/unmark`,
        name: "Take the mark away",
      };
    }
    case "explain":
      return { path: `${placeOf(step)}?release=${step.release}`, name: "See why" };
    case "promote":
      return { path: `${placeOf(step)}/promote?release=${step.release}`, name: "Promote" };
    case "break-glass":
      return { path: `${placeOf(step)}/promote?release=${step.release}`, name: "Break the glass" };
    case "roll-back-with-data":
      return {
        path: `${placeOf(step)}/rollback?release=${step.release}&data=yes`,
        name: "Roll back",
      };
    case "outside":
      return null;
  }
}

function promotionPage({
  kind,
  promotion,
}: Extract<NextStep, { readonly promotion: string }>): PageOfStep {
  const path = `/promotions/${promotion}`;
  switch (kind) {
    case "approve":
      return { path: `${path}/approve`, name: "Approve" };
    case "cancel":
      return { path: `${path}/cancel`, name: "Cancel" };
    case "retry":
      return { path: `${path}/retry`, name: "Retry" };
    case "look":
    case "follow":
      return { path, name: "See the promotion" };
  }
}

function placeOf({
  service,
  environment,
}: {
  readonly service: string;
  readonly environment: string;
}): string {
  return `/services/${service}/environments/${environment}`;
}

/** What helps, for whoever works with the terminal or the API: `list them: slipway status`. */
export function helpText({ how, step }: Help): string {
  return `${how}: ${toCommand(step)}`;
}
