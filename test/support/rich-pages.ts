import { PEOPLE } from "./api-world.ts";
import { present } from "./present.ts";
import { NAMED } from "./rich-services.ts";
import type { WebWorld } from "./web-world.ts";

/** A page to be looked at: its name, where it is, who looks, and what they fill in to see what would happen. */
export type RichPage = {
  readonly name: string;
  readonly path: string;
  readonly person: string;
  /** By the labels of the fields. A box is ticked by any text. */
  readonly filled?: Readonly<Record<string, string>>;
};

/** What the pages are called that there are to be looked at. */
export const PAGE_NAMES: readonly string[] = [
  "overview",
  "overview-nothing",
  "service",
  "service-waiting",
  "service-removed",
  "service-unreadable",
  "environment",
  "environment-empty",
  "environment-waiting",
  "promotion-done",
  "promotion-waiting",
  "promotion-failed",
  "promotion-running",
  "promotion-rollback",
  "timeline",
  "timeline-rollback",
  "timeline-empty",
  "timeline-hundred",
  "changed",
  "numbers",
  "holds",
  "decisions",
  "audit",
  "audit-service",
  "audit-broken",
  "promote",
  "rollback",
  "restore",
  "migrate",
  "hold-service",
  "hold-everything",
  "lift",
  "mark",
  "unmark",
  "cancel",
  "retry",
  "nothing",
  "nothing-known",
  "approve",
  "reject",
  "refused",
  "stranger",
  "promote-preview",
  "rollback-preview",
  "restore-preview",
  "hold-service-preview",
  "refusal-preview",
  "sign-in",
];

/** Those of them on which words stand that somebody outside writes. */
export const WORDY_NAMES: readonly string[] = [
  "overview",
  "service",
  "service-waiting",
  "environment",
  "environment-waiting",
  "holds",
  "promotion-done",
  "promotion-waiting",
  "promotion-failed",
  "timeline-rollback",
  "decisions",
  "changed",
  "audit-service",
  "migrate",
  "lift",
  "unmark",
  "approve",
  "rollback-preview",
  "refusal-preview",
  "hold-service-preview",
];

/** Every kind of page that there is, of a rich world, in each state that looks different. */
export function richPages(web: WebWorld, why: string): readonly RichPage[] {
  const promotions = [...web.api.memory.world.store.promotions.values()];
  const of = (wanted: Readonly<Record<string, string>>): string => {
    const found = promotions.findLast((promotion) =>
      Object.entries(wanted).every(([key, value]) => Reflect.get(promotion, key) === value),
    );
    return `/promotions/${present(found, `a promotion like ${JSON.stringify(wanted)}`).id}`;
  };
  const waiting = of({ service: "bank", state: "WAITING" });
  const failed = of({ service: "failed", state: "FAILED" });
  const [hold] = web.api.memory.world.store.services.get("moving")?.state.holds ?? [];
  const prod = "/services/shop/environments/prod";
  const backup = of({ service: "shop", environment: "prod", state: "SUCCEEDED" }).slice(12);
  const seen: Readonly<Record<string, string>> = {
    overview: "/",
    "overview-nothing": "/?text=nothing-is-called-so",
    service: "/services/shop",
    "service-waiting": "/services/bank",
    "service-removed": "/services/gone",
    "service-unreadable": "/services/torn",
    environment: prod,
    "environment-empty": "/services/empty/environments/prod",
    "environment-waiting": "/services/bank/environments/prod",
    "promotion-done": of({ service: "shop", environment: "prod", state: "SUCCEEDED" }),
    "promotion-waiting": waiting,
    "promotion-failed": failed,
    "promotion-running": of({ service: "moving", state: "RUNNING" }),
    "promotion-rollback": of({ service: "back", kind: "rollback" }),
    timeline: "/services/shop/timeline?span=day",
    "timeline-rollback": "/services/back/timeline?span=day",
    "timeline-empty": "/services/empty/timeline",
    "timeline-hundred": "/services/many/timeline?span=day",
    changed: "/changed?span=day",
    numbers: "/numbers",
    holds: "/holds",
    decisions: "/decisions",
    audit: "/audit",
    "audit-service": "/audit?service=shop",
    "audit-broken": "/audit?service=failed",
    promote: `${prod}/promote`,
    rollback: `${prod}/rollback`,
    restore: `${prod}/restore?backup=${backup}`,
    migrate: `${prod}/migrate`,
    "hold-service": "/services/shop/hold",
    "hold-everything": "/holds/new",
    lift: `/holds/${present(hold, "a hold").id}/lift`,
    mark: "/services/shop/releases/v6/mark",
    unmark: "/services/shop/releases/v5/unmark",
    cancel: `${waiting}/cancel`,
    retry: `${failed}/retry`,
    "sign-in": "/sign-in",
    nothing: "/nothing",
    "nothing-known": "/services/none",
  };
  const others: readonly RichPage[] = [
    { name: "approve", path: `${waiting}/approve`, person: NAMED.approver },
    { name: "reject", path: `${waiting}/reject`, person: NAMED.approver },
    { name: "refused", path: `${prod}/promote`, person: PEOPLE.viewer },
    { name: "stranger", path: "/", person: PEOPLE.stranger },
  ];
  const previews: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    promote: { "Reason, if any": why },
    rollback: { Reason: why, "Bring back the data from before the release": "yes" },
    restore: { Reason: why },
    "hold-service": { Reason: why },
    refusal: { Release: `none such ${why}` },
  };
  const person = PEOPLE.oncall;
  return [
    ...Object.entries(seen).map(([name, path]) => ({ name, path, person })),
    ...others,
    ...Object.entries(previews).map(([name, filled]) => ({
      name: `${name}-preview`,
      path: seen[name] ?? `${prod}/promote`,
      person,
      filled,
    })),
  ];
}
