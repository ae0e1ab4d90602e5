import { accountAddress } from "../resources/account-address.ts";
import { LOCAL_OWNER, LOCAL_PEOPLE, LOCAL_PROJECT } from "./settings.ts";

/** The accounts as which the functions run. */
export const ACCOUNTS = {
  run: accountAddress(LOCAL_PROJECT, "slipway-run"),
  api: accountAddress(LOCAL_PROJECT, "slipway-api"),
} as const;

/** Who installs the local cloud. */
export const OWNER = `user:${LOCAL_OWNER}`;

/** Who pushes images to it. */
export const DEVELOPER = `user:${LOCAL_PEOPLE.deployer}`;
