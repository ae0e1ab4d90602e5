import { accountAddress } from "../resources/account-address.ts";
import { LOCAL_OWNER, LOCAL_PEOPLE, LOCAL_PROJECT } from "./settings.ts";

/** The accounts as which the functions run. */
export const ACCOUNTS = {
  run: accountAddress(LOCAL_PROJECT, "slipway-run"),
  api: accountAddress(LOCAL_PROJECT, "slipway-api"),
  notice: accountAddress(LOCAL_PROJECT, "slipway-notice"),
} as const;

/** Who installs the local cloud. */
export const OWNER = `user:${LOCAL_OWNER}`;

/** An owner lacks the policies of buckets. Source: https://cloud.google.com/storage/docs/access-control/iam-roles */
export const OWNING = ["roles/owner", "roles/storage.admin"] as const;

/** Who pushes images to it. */
export const DEVELOPER = `user:${LOCAL_PEOPLE.deployer}`;
